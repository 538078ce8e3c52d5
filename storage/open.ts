import { join } from 'node:path';
import type { AwsConfig } from './aws/config.ts';
import { openEmbedded } from './embedded/open.ts';
import type { EmbeddedConfig } from './embedded/open.ts';
import { StorageError } from './errors.ts';
import type { Storage } from './ports.ts';

/** Which storage set a tenant is on, and where it is. */
export type StorageConfig = EmbeddedConfig | AwsConfig;

/** A tenant's name is part of paths, of table names and of a bucket's keys. */
const TENANT = /^[a-z0-9][a-z0-9-]{0,40}$/;

/** Opens one tenant's storage, creating what is missing. Throws `StoreUnavailable`, `StoreFull`, `KeyGone`. */
export async function openStorage(config: StorageConfig): Promise<Storage> {
  if (config.kind === 'embedded') return openEmbedded(config);
  // Loaded where it is used: the SDK takes longer to load than all of ours.
  const { openAws } = await import('./aws/open.ts');
  return openAws(config);
}

/**
 * Reads the storage's configuration from environment variables: `TESSERA_STORAGE` (embedded, the default, or aws),
 * `TESSERA_TENANT` (demo), `TESSERA_DATA` (.tessera); for aws `TESSERA_TABLE_PREFIX`, `TESSERA_BUCKET` and
 * `TESSERA_KMS_KEY`, the last two required. Regions, endpoints and credentials are found by the AWS SDK itself.
 * Throws `StorageError` (`invalid-configuration`) that names the variable at fault.
 */
export function storageConfigFromEnv(env: Readonly<Record<string, string | undefined>>): StorageConfig {
  const tenant = given(env['TESSERA_TENANT']) ?? 'demo';
  if (!TENANT.test(tenant)) {
    throw invalid('TESSERA_TENANT must be 1 to 41 lower-case letters, digits and hyphens');
  }
  const kind = given(env['TESSERA_STORAGE']) ?? 'embedded';
  if (kind === 'embedded') {
    return { kind, dir: join(given(env['TESSERA_DATA']) ?? '.tessera', 'tenants', tenant) };
  }
  if (kind !== 'aws') throw invalid(`TESSERA_STORAGE must be embedded or aws, not ${kind}`);
  const bucket = given(env['TESSERA_BUCKET']);
  const kmsKey = given(env['TESSERA_KMS_KEY']);
  if (bucket === undefined)
    throw invalid('TESSERA_BUCKET must name the S3 bucket when TESSERA_STORAGE is aws');
  if (kmsKey === undefined)
    throw invalid('TESSERA_KMS_KEY must name the KMS key when TESSERA_STORAGE is aws');
  return {
    kind,
    tenant,
    bucket,
    kmsKey,
    tablePrefix: given(env['TESSERA_TABLE_PREFIX']) ?? 'tessera',
    region: given(env['AWS_REGION']) ?? given(env['AWS_DEFAULT_REGION']) ?? 'us-east-1',
    endpoints: {
      dynamodb: given(env['AWS_ENDPOINT_URL_DYNAMODB']) ?? given(env['AWS_ENDPOINT_URL']),
      s3: given(env['AWS_ENDPOINT_URL_S3']) ?? given(env['AWS_ENDPOINT_URL']),
      kms: given(env['AWS_ENDPOINT_URL_KMS']) ?? given(env['AWS_ENDPOINT_URL']),
    },
  };
}

function given(value: string | undefined): string | undefined {
  return value === undefined || value === '' ? undefined : value;
}

function invalid(message: string): StorageError {
  return new StorageError('invalid-configuration', message);
}
