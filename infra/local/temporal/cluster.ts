import { readFile } from 'node:fs/promises';
import { Connection, type ConnectionOptions } from '@temporalio/client';
import { StartFailure, reasonOf } from '../failure.ts';

/** Where Temporal is and how to get in; for Temporal Cloud an API key or a client certificate. */
export interface ClusterAccess {
  readonly address: string;
  readonly namespace: string;
  readonly connect: ConnectionOptions;
}

/** Search attributes that every workflow sets; all are keywords, none is personal data. */
export const SEARCH_ATTRIBUTES = ['Tenant', 'Source', 'Capability', 'Stage'] as const;

const KEYWORD = 2;
const NOT_FOUND = 5;
const ALREADY_EXISTS = 6;
const PERMISSION_DENIED = 7;
const UNIMPLEMENTED = 12;
const RETENTION_SECONDS = 7 * 24 * 3600;
const CONNECT_TIMEOUT_MS = 5_000;
const VISIBLE_WITHIN_MS = 30_000;
const VISIBLE_POLL_MS = 250;

async function pem(env: NodeJS.ProcessEnv, name: string): Promise<Buffer | undefined> {
  const path = env[`${name}_PATH`] ?? env[name];
  const inline = env[`${name}_DATA`];
  if (!path) return inline ? Buffer.from(inline) : undefined;
  return readFile(path).catch((error: unknown) => {
    throw new StartFailure(
      `${name}_PATH can't be read: ${reasonOf(error)}.`,
      `Set ${name}_PATH to a PEM file.`,
    );
  });
}

/** Reads `TEMPORAL_API_KEY` and `TEMPORAL_TLS*` as the Temporal CLI names them. */
export async function clusterAccess(
  env: NodeJS.ProcessEnv,
  address: string,
  namespace: string,
): Promise<ClusterAccess> {
  const apiKey = env['TEMPORAL_API_KEY'];
  const crt = await pem(env, 'TEMPORAL_TLS_CLIENT_CERT');
  const key = await pem(env, 'TEMPORAL_TLS_CLIENT_KEY');
  const ca = await pem(env, 'TEMPORAL_TLS_SERVER_CA_CERT');
  const serverName = env['TEMPORAL_TLS_SERVER_NAME'];
  const wanted = env['TEMPORAL_TLS'];
  const tls = wanted === undefined ? Boolean(apiKey ?? crt ?? ca) : !/^(false|0|)$/i.test(wanted);
  const settings = {
    ...(ca ? { serverRootCACertificate: ca } : {}),
    ...(serverName ? { serverNameOverride: serverName } : {}),
    ...(crt && key ? { clientCertPair: { crt, key } } : {}),
  };
  return {
    address,
    namespace,
    connect: {
      address,
      connectTimeout: CONNECT_TIMEOUT_MS,
      ...(tls ? { tls: settings } : {}),
      ...(apiKey ? { apiKey, metadata: { 'temporal-namespace': namespace } } : {}),
    },
  };
}

function grpcCode(error: unknown): number | undefined {
  return (error as { code?: number }).code;
}

/** Whether the namespace answers. */
export async function serves(access: ClusterAccess): Promise<boolean> {
  const connection = await Connection.connect(access.connect);
  try {
    await connection.workflowService.describeNamespace({ namespace: access.namespace });
    return true;
  } catch {
    return false;
  } finally {
    await connection.close();
  }
}

async function ensureNamespace(connection: Connection, namespace: string): Promise<void> {
  try {
    await connection.workflowService.describeNamespace({ namespace });
  } catch (error) {
    if (grpcCode(error) !== NOT_FOUND) throw error;
    await connection.workflowService
      .registerNamespace({
        namespace,
        workflowExecutionRetentionPeriod: { seconds: RETENTION_SECONDS as never },
      })
      .catch((failure: unknown) => {
        if (grpcCode(failure) === ALREADY_EXISTS) return;
        throw new StartFailure(
          `Temporal has no namespace "${namespace}", and it can't be created: ${reasonOf(failure)}.`,
          'Create it there, or name an existing one with TEMPORAL_NAMESPACE.',
        );
      });
  }
}

/** A new namespace takes some seconds to be seen by all parts of a cluster. */
async function onceVisible<T>(ask: () => Promise<T>): Promise<T> {
  const end = Date.now() + VISIBLE_WITHIN_MS;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (grpcCode(error) !== NOT_FOUND || Date.now() > end) throw error;
      await new Promise((again) => setTimeout(again, VISIBLE_POLL_MS));
    }
  }
}

async function ensureAttributes(connection: Connection, namespace: string): Promise<string[]> {
  const { operatorService } = connection;
  const known = await operatorService.listSearchAttributes({ namespace });
  const missing = SEARCH_ATTRIBUTES.filter((name) => !(name in known.customAttributes));
  if (missing.length === 0) return [];
  await operatorService.addSearchAttributes({
    namespace,
    searchAttributes: Object.fromEntries(missing.map((name) => [name, KEYWORD])),
  });
  return [];
}

/**
 * Makes sure of the namespace and the search attributes; what is there already stays. Answers warnings: a cluster
 * may not let us see to its search attributes. Throws `StartFailure` where the cluster can't be used.
 */
export async function ensureCluster(access: ClusterAccess): Promise<string[]> {
  const connection = await Connection.connect(access.connect).catch((error: unknown) => {
    throw new StartFailure(
      `Temporal does not answer at ${access.address}: ${reasonOf(error)}.`,
      'Check TEMPORAL_ADDRESS, TEMPORAL_TLS and TEMPORAL_API_KEY, or unset them to use a local server.',
    );
  });
  try {
    await ensureNamespace(connection, access.namespace);
    try {
      return await onceVisible(() => ensureAttributes(connection, access.namespace));
    } catch (error) {
      const code = grpcCode(error);
      if (code === ALREADY_EXISTS) return [];
      if (code !== PERMISSION_DENIED && code !== UNIMPLEMENTED) throw error;
      return [
        `Add the keyword search attributes ${SEARCH_ATTRIBUTES.join(', ')} to "${access.namespace}" yourself.`,
      ];
    }
  } finally {
    await connection.close();
  }
}
