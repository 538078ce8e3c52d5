import { readFileSync } from 'node:fs';
import { Client, Connection } from '@temporalio/client';
import type { ConnectionOptions } from '@temporalio/client';
import { createPayloadCodec } from '../storage/vault/payload-codec.ts';
import type { Vault } from '../storage/vault/types.ts';

const CONNECT_TIMEOUT_MS = 5_000;

/** Where Temporal is and how it is entered. */
export interface TemporalConfig {
  readonly address: string;
  readonly namespace: string;
  readonly connect: ConnectionOptions;
}

/** A client that connects at its first call, and the connection to close in the end. */
export interface TemporalClient {
  readonly client: Client;
  readonly connection: Connection;
  close(): Promise<void>;
}

/**
 * Reads `TEMPORAL_ADDRESS` (127.0.0.1:7233), `TEMPORAL_NAMESPACE` (the tenant), `TEMPORAL_API_KEY` and `TEMPORAL_TLS*`,
 * named as the Temporal CLI names them; a certificate's variable ends in `_PATH` or `_DATA`. Throws where a file that
 * is named can't be read.
 */
export function temporalConfig(env: NodeJS.ProcessEnv, tenant: string): TemporalConfig {
  const address = given(env['TEMPORAL_ADDRESS']) ?? '127.0.0.1:7233';
  const namespace = given(env['TEMPORAL_NAMESPACE']) ?? tenant;
  const apiKey = given(env['TEMPORAL_API_KEY']);
  const tls = tlsOf(env, apiKey !== undefined);
  return {
    address,
    namespace,
    connect: {
      address,
      connectTimeout: CONNECT_TIMEOUT_MS,
      ...(tls === undefined ? {} : { tls }),
      ...(apiKey === undefined ? {} : { apiKey, metadata: { 'temporal-namespace': namespace } }),
    },
  };
}

/** Opens a client whose payloads are encrypted with the tenant's key. Does not wait for Temporal to be there. */
export function openTemporal(
  config: TemporalConfig,
  tenant: { readonly tenant: string; readonly vault: Pick<Vault, 'tenantSealKey'> },
): TemporalClient {
  const connection = Connection.lazy(config.connect);
  const client = new Client({
    connection,
    namespace: config.namespace,
    dataConverter: {
      payloadCodecs: [createPayloadCodec(tenant)],
    },
  });
  return { client, connection, close: () => connection.close() };
}

function tlsOf(env: NodeJS.ProcessEnv, hasApiKey: boolean): ConnectionOptions['tls'] | undefined {
  const crt = pem(env, 'TEMPORAL_TLS_CLIENT_CERT');
  const key = pem(env, 'TEMPORAL_TLS_CLIENT_KEY');
  const ca = pem(env, 'TEMPORAL_TLS_SERVER_CA_CERT');
  const serverName = given(env['TEMPORAL_TLS_SERVER_NAME']);
  const asked = env['TEMPORAL_TLS'];
  const wanted =
    asked === undefined ? hasApiKey || crt !== undefined || ca !== undefined : !/^(false|0|)$/i.test(asked);
  if (!wanted) return undefined;
  return {
    ...(ca === undefined ? {} : { serverRootCACertificate: ca }),
    ...(serverName === undefined ? {} : { serverNameOverride: serverName }),
    ...(crt === undefined || key === undefined ? {} : { clientCertPair: { crt, key } }),
  };
}

function pem(env: NodeJS.ProcessEnv, name: string): Buffer | undefined {
  const path = given(env[`${name}_PATH`]) ?? given(env[name]);
  if (path !== undefined) return readFileSync(path);
  const data = given(env[`${name}_DATA`]);
  return data === undefined ? undefined : Buffer.from(data);
}

function given(value: string | undefined): string | undefined {
  return value === undefined || value === '' ? undefined : value;
}
