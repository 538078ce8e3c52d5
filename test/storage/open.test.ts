import assert from 'node:assert/strict';
import { join } from 'node:path';
import { StorageError } from '../../storage/errors.ts';
import { storageConfigFromEnv } from '../../storage/open.ts';

describe('the storage configuration', () => {
  it('is embedded in .tessera, for the tenant demo, where nothing is said', () => {
    assert.deepEqual(storageConfigFromEnv({}), {
      kind: 'embedded',
      dir: join('.tessera', 'tenants', 'demo'),
    });
    assert.deepEqual(storageConfigFromEnv({ TESSERA_DATA: '/d', TESSERA_TENANT: 'acme' }), {
      kind: 'embedded',
      dir: join('/d', 'tenants', 'acme'),
    });
  });

  it('takes the places of AWS from the variables', () => {
    const config = storageConfigFromEnv({
      TESSERA_STORAGE: 'aws',
      TESSERA_BUCKET: 'b',
      TESSERA_KMS_KEY: 'k',
      AWS_REGION: 'eu-central-1',
      AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:1',
      AWS_ENDPOINT_URL: 'http://127.0.0.1:2',
    });
    assert.deepEqual(config, {
      kind: 'aws',
      tenant: 'demo',
      bucket: 'b',
      kmsKey: 'k',
      tablePrefix: 'tessera',
      region: 'eu-central-1',
      endpoints: { dynamodb: 'http://127.0.0.1:1', s3: 'http://127.0.0.1:2', kms: 'http://127.0.0.1:2' },
    });
  });

  for (const [name, env] of Object.entries({
    TESSERA_STORAGE: { TESSERA_STORAGE: 'paper' },
    TESSERA_TENANT: { TESSERA_TENANT: '../up' },
    TESSERA_BUCKET: { TESSERA_STORAGE: 'aws', TESSERA_KMS_KEY: 'k' },
    TESSERA_KMS_KEY: { TESSERA_STORAGE: 'aws', TESSERA_BUCKET: 'b' },
  })) {
    it(`names ${name} where that is wrong or missing`, () => {
      assert.throws(
        () => storageConfigFromEnv(env),
        (error) => error instanceof StorageError && error.message.includes(name),
      );
    });
  }
});
