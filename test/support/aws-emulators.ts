import { join } from 'node:path';
import { CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { awsTools } from './aws-tools.ts';
import { startService } from './child-service.ts';
import type { ChildService } from './child-service.ts';

/** Any credentials do for the emulators. */
export const EMULATOR_CREDENTIALS = { accessKeyId: 'test', secretAccessKey: 'test' };
/** The emulators' region. */
export const EMULATOR_REGION = 'us-east-1';

/** DynamoDB, S3 and KMS on this machine. */
export interface AwsEmulators {
  readonly dynamodb: string;
  readonly s3: string;
  readonly kms: string;
  readonly kmsKey: string;
  stop(): Promise<void>;
}

/** Starts emulators of one's own, for tests that end them or need their data kept in `dynamodbDir`. */
export async function startAwsEmulators(
  options: { readonly dynamodbDir?: string } = {},
): Promise<AwsEmulators> {
  const tools = await awsTools();
  const started = await Promise.allSettled([
    startDynamodb(tools.dynamodbLocal, options.dynamodbDir),
    startMinistack(tools.ministack),
  ]);
  const services = started.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const stop = async (): Promise<void> => {
    await Promise.all(services.map((service) => service.stop()));
  };
  const [dynamodb, ministack] = services;
  const failure = started.find((result) => result.status === 'rejected');
  if (failure !== undefined || dynamodb === undefined || ministack === undefined) {
    await stop();
    throw failure?.reason;
  }
  const other = `http://127.0.0.1:${ministack.port}`;
  const kmsKey = await createKey(other);
  return { dynamodb: `http://127.0.0.1:${dynamodb.port}`, s3: other, kms: other, kmsKey, stop };
}

let shared: Promise<AwsEmulators> | undefined;

/** The emulators that all tests of a mocha run share, in memory, started at first use and ended with the run. */
export async function awsEmulators(): Promise<AwsEmulators> {
  shared ??= startAwsEmulators();
  return shared;
}

// Imported while mocha loads its files, these are hooks of the whole run. Fetching takes longer than a test may.
if ('before' in globalThis && process.env['TESSERA_TEST_AWS'] !== 'off') {
  before('fetch the emulators of AWS', async function () {
    this.timeout(600_000);
    // A failure is told by the tests that need the emulators.
    await awsTools().catch(() => undefined);
  });
  after('end the emulators of AWS', async () => {
    const emulators = await shared?.catch(() => undefined);
    shared = undefined;
    await emulators?.stop();
  });
}

function startDynamodb(folder: string, dataDir: string | undefined): Promise<ChildService> {
  return startService({
    name: 'DynamoDB Local',
    command: (port) => [
      'java',
      ...['-Xmx512m', '-XX:TieredStopAtLevel=1', `-Djava.library.path=${folder}`],
      ...['-cp', join(folder, '*'), 'com.amazonaws.services.dynamodbv2.local.main.ServerRunner'],
      ...['-sharedDb', '-disableTelemetry', '-port', String(port)],
      ...(dataDir === undefined ? ['-inMemory'] : ['-dbPath', dataDir]),
    ],
    ready: '/',
  });
}

function startMinistack(command: string): Promise<ChildService> {
  return startService({
    name: 'ministack',
    command: () => [command],
    env: (port) => ({
      GATEWAY_PORT: String(port),
      BIND_HOST: '127.0.0.1',
      SERVICES: 's3,kms',
      LOG_LEVEL: 'WARNING',
    }),
    ready: '/_ministack/health',
  });
}

async function createKey(endpoint: string): Promise<string> {
  const client = new KMSClient({
    endpoint,
    region: EMULATOR_REGION,
    credentials: EMULATOR_CREDENTIALS,
  });
  try {
    const { KeyMetadata } = await client.send(new CreateKeyCommand({}));
    if (KeyMetadata?.KeyId === undefined) throw new Error('ministack made no KMS key');
    return KeyMetadata.KeyId;
  } finally {
    client.destroy();
  }
}
