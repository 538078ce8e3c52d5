import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DeleteTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { AwsConfig } from '../../storage/aws/config.ts';
import { openAws } from '../../storage/aws/open.ts';
import { openEmbedded } from '../../storage/embedded/open.ts';
import type { Storage } from '../../storage/ports.ts';
import { awsEmulators, EMULATOR_CREDENTIALS, EMULATOR_REGION } from './aws-emulators.ts';

/** A storage whose like can be opened again, as another process would. */
export interface TestStorage extends Storage {
  /** The same place, opened once more; to be closed before this one. */
  reopen(): Promise<Storage>;
}

/** A way to get storage for a test. */
export interface StorageSet {
  readonly name: 'embedded' | 'aws';
  /** A fresh, empty storage of its own; closing it removes what it held. `now` (epoch ms) is the tables' clock. */
  open(options?: { readonly now?: () => number }): Promise<TestStorage>;
}

const embedded: StorageSet = {
  name: 'embedded',
  async open(options = {}) {
    const dir = await mkdtemp(join(tmpdir(), 'tessera-storage-'));
    const reopen = (): Promise<Storage> => openEmbedded({ kind: 'embedded', dir, ...options });
    const storage = await reopen();
    return {
      ...storage,
      reopen,
      async close() {
        await storage.close();
        await rm(dir, { recursive: true, force: true });
      },
    };
  },
};

/** The configuration of a fresh storage on the shared emulators. */
export async function awsTestConfig(): Promise<AwsConfig> {
  const emulators = await awsEmulators();
  const id = randomBytes(5).toString('hex');
  return {
    kind: 'aws',
    tenant: `t${id}`,
    tablePrefix: 'test',
    bucket: `test-${id}`,
    kmsKey: emulators.kmsKey,
    region: EMULATOR_REGION,
    endpoints: { dynamodb: emulators.dynamodb, s3: emulators.s3, kms: emulators.kms },
    credentials: EMULATOR_CREDENTIALS,
  };
}

const aws: StorageSet = {
  name: 'aws',
  async open(options = {}) {
    const config = { ...(await awsTestConfig()), ...options };
    const reopen = (): Promise<Storage> => openAws(config);
    const storage = await reopen();
    return {
      ...storage,
      reopen,
      async close() {
        await storage.close();
        await dropTables(config);
      },
    };
  },
};

/** Every storage set that the platform runs on; without aws where `TESSERA_TEST_AWS` is `off`. */
export const storageSets: readonly StorageSet[] =
  process.env['TESSERA_TEST_AWS'] === 'off' ? [embedded] : [embedded, aws];

async function dropTables(config: AwsConfig): Promise<void> {
  const client = new DynamoDBClient({
    region: config.region,
    endpoint: config.endpoints.dynamodb ?? '',
    credentials: EMULATOR_CREDENTIALS,
  });
  for (const name of ['log', 'keys', 'intake']) {
    await client.send(
      new DeleteTableCommand({ TableName: `${config.tablePrefix}-${config.tenant}-${name}` }),
    );
  }
  client.destroy();
}
