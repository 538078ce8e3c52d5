import type { ImportManifest, ImportRequest } from '../../domain/ingestion/imports.ts';
import { ConditionFailed } from '../errors.ts';
import type { ImportOutcome, ImportStore } from '../imports/types.ts';
import { decodeJson, encodeJson } from '../json.ts';
import type { Item, Key, Storage } from '../ports.ts';
import { open, seal } from '../vault/seal.ts';
import type { Vault } from '../vault/types.ts';

/** What the store of imports stands on. */
export interface ImportStoreOptions {
  readonly tenant: string;
  readonly storage: Pick<Storage, 'intake'>;
  readonly vault: Pick<Vault, 'tenantSealKey'>;
}

const requestKey = (importId: string): Key => ({ pk: `imports/${importId}`, sk: 'request' });
const manifestKey = (importId: string): Key => ({ pk: `imports/${importId}`, sk: 'manifest' });
const outcomeKey = (fileDigest: string, batchId: string): Key => ({
  pk: `import-outcomes/${fileDigest}`,
  sk: batchId,
});

/** Opens the tenant's imports. Its calls throw `StoreUnavailable` and `StoreFull`. */
export function createImportStore(options: ImportStoreOptions): ImportStore {
  const { tenant, storage, vault } = options;
  const table = storage.intake;
  const aad = (key: Key): string => `${tenant}|import|${key.pk}/${key.sk}|1`;

  async function encode(key: Key, value: unknown): Promise<Item> {
    const sealed = seal(await vault.tenantSealKey('intake'), encodeJson(value), aad(key), {
      compress: true,
    });
    return { ...key, version: 1, value: sealed };
  }

  async function decode<T>(key: Key, item: Item | undefined): Promise<T | undefined> {
    if (item === undefined) return undefined;
    return decodeJson<T>(open(await vault.tenantSealKey('intake'), item.value, aad(key)));
  }

  return {
    async putRequest(request: ImportRequest): Promise<void> {
      const item = await encode(requestKey(request.importId), request);
      try {
        await table.write([{ kind: 'put', expect: 'absent', ...item }]);
      } catch (error) {
        if (!(error instanceof ConditionFailed)) throw error;
      }
    },

    async request(importId: string): Promise<ImportRequest | undefined> {
      const key = requestKey(importId);
      return decode<ImportRequest>(key, await table.get(key));
    },

    async putManifest(manifest: ImportManifest): Promise<void> {
      const item = await encode(manifestKey(manifest.importId), manifest);
      await table.write([{ kind: 'put', ...item }]);
    },

    async manifest(importId: string): Promise<ImportManifest | undefined> {
      const key = manifestKey(importId);
      return decode<ImportManifest>(key, await table.get(key));
    },

    async putOutcome(fileDigest: string, batchId: string, outcome: ImportOutcome): Promise<void> {
      const item = await encode(outcomeKey(fileDigest, batchId), outcome);
      await table.write([{ kind: 'put', ...item }]);
    },

    async outcomes(fileDigest: string, batchIds: readonly string[]): Promise<(ImportOutcome | undefined)[]> {
      const keys = batchIds.map((batchId) => outcomeKey(fileDigest, batchId));
      const items = await table.getMany(keys);
      return Promise.all(keys.map((key, at) => decode<ImportOutcome>(key, items[at])));
    },
  };
}
