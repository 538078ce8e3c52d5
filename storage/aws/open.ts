import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KMSClient } from '@aws-sdk/client-kms';
import { S3Client } from '@aws-sdk/client-s3';
import { createMeter } from '../meter.ts';
import type { Storage } from '../ports.ts';
import { AwsBlobs } from './blobs.ts';
import type { AwsConfig } from './config.ts';
import { httpOptions } from './http.ts';
import { AwsKeys } from './keys.ts';
import { ensureBucket, ensureTable } from './provision.ts';
import { AwsTable } from './table.ts';

const REQUEST_MS = 15_000;
const SOCKETS_MAX = 64;

/**
 * Opens a tenant's storage on DynamoDB, S3 and KMS, creating tables and bucket where they are missing; the KMS key must
 * be there. Throws `StoreUnavailable`.
 */
export async function openAws(config: AwsConfig): Promise<Storage> {
  const clients = createClients(config);
  const meter = createMeter();
  const now = config.now ?? Date.now;
  const { attempts } = config;
  const tableName = (name: string): string => `${config.tablePrefix}-${config.tenant}-${name}`;
  const table = (name: string): AwsTable =>
    new AwsTable({ client: clients.dynamodb, name, tableName: tableName(name), meter, attempts, now });
  const [log, keys, intake] = [table('log'), table('keys'), table('intake')];
  const close = async (): Promise<void> => {
    await Promise.resolve();
    for (const client of Object.values(clients)) client.destroy();
  };
  try {
    await Promise.all([
      ...['log', 'keys', 'intake'].map((name) => ensureTable(clients.dynamodb, tableName(name))),
      ensureBucket(clients.s3, config.bucket, config.region),
    ]);
  } catch (error) {
    await close();
    throw error;
  }
  const prefix = `${config.tenant}/`;
  const blobs = new AwsBlobs({ client: clients.s3, bucket: config.bucket, prefix, meter, attempts });
  const { tenant, kmsKey } = config;
  const master = new AwsKeys({ client: clients.kms, kmsKey, tenant, table: keys, meter, attempts, now });
  return { log, keys, intake, blobs, master, meter, close };
}

function createClients(config: AwsConfig): {
  readonly dynamodb: DynamoDBClient;
  readonly s3: S3Client;
  readonly kms: KMSClient;
} {
  const common = {
    region: config.region,
    // Retries are ours, see calls.ts: two layers would multiply.
    maxAttempts: 1,
    requestHandler: httpOptions({ requestMs: REQUEST_MS, maxSockets: SOCKETS_MAX }),
    ...(config.credentials === undefined ? {} : { credentials: config.credentials }),
  };
  const at = (endpoint: string | undefined): { readonly endpoint?: string } =>
    endpoint === undefined ? {} : { endpoint };
  const { dynamodb, s3, kms } = config.endpoints;
  return {
    dynamodb: new DynamoDBClient({ ...common, ...at(dynamodb) }),
    s3: new S3Client({
      ...common,
      ...at(s3),
      // Emulators have no host name per bucket.
      forcePathStyle: s3 !== undefined,
      // TLS and the signature guard the bytes already; a second sum costs CPU in the path of acceptance.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
    }),
    kms: new KMSClient({ ...common, ...at(kms) }),
  };
}
