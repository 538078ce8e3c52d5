import { randomUUID } from 'node:crypto';
import { awsEmulators, EMULATOR_CREDENTIALS, EMULATOR_REGION } from '../support/aws-emulators.ts';

/** Environment of a platform on the emulators that the run shares, with tables and a bucket of its own. */
export async function emulatorEnvironment(name = randomUUID().slice(0, 8)): Promise<Record<string, string>> {
  const emulators = await awsEmulators();
  return {
    AWS_REGION: EMULATOR_REGION,
    AWS_ACCESS_KEY_ID: EMULATOR_CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: EMULATOR_CREDENTIALS.secretAccessKey,
    AWS_ENDPOINT_URL_DYNAMODB: emulators.dynamodb,
    AWS_ENDPOINT_URL_S3: emulators.s3,
    AWS_ENDPOINT_URL_KMS: emulators.kms,
    TESSERA_TABLE_PREFIX: `test-${name}`,
    TESSERA_BUCKET: `test-${name}`,
    TESSERA_KMS_KEY: emulators.kmsKey,
  };
}
