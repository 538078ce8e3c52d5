import type { ImportManifest, ImportRequest } from '../../domain/ingestion/imports.ts';
import { createImportedFiles } from './files.ts';
import { createFolderStore } from './folders.ts';
import { sealedValues, type ImportStoreOptions } from './sealed.ts';
import type { ImportOutcome, ImportStore, RowSample } from './types.ts';
import type { Key } from '../ports.ts';

/** Samples hold values of the file, and are looked at where the dry run is asked for. */
const SAMPLES_SECONDS = 3_600;

/** All requests, in the order they came. */
const LIST = 'import-list';
const requestKey = (importId: string): Key => ({ pk: `imports/${importId}`, sk: 'request' });
const manifestKey = (importId: string): Key => ({ pk: `imports/${importId}`, sk: 'manifest' });
const samplesKey = (importId: string): Key => ({ pk: `imports/${importId}`, sk: 'samples' });
const outcomeKey = (fileDigest: string, batchId: string): Key => ({
  pk: `import-outcomes/${fileDigest}`,
  sk: batchId,
});

/** Opens the tenant's imports. Its calls throw `StoreUnavailable` and `StoreFull`. */
export function createImportStore(options: ImportStoreOptions): ImportStore {
  const values = sealedValues(options);
  return {
    async putRequest(request: ImportRequest): Promise<void> {
      const { importId, requestedAt } = request;
      await values.putNew([
        [requestKey(importId), request],
        [{ pk: LIST, sk: `${requestedAt}/${importId}` }, request],
      ]);
    },
    request: (importId) => values.get<ImportRequest>(requestKey(importId)),
    list: (page) => values.newest<ImportRequest>(LIST, page),
    putManifest: (manifest) => values.put(manifestKey(manifest.importId), manifest),
    manifest: (importId) => values.get<ImportManifest>(manifestKey(importId)),
    manifests: (importIds) => values.getMany<ImportManifest>(importIds.map(manifestKey)),
    putOutcome: (fileDigest, batchId, outcome) => values.put(outcomeKey(fileDigest, batchId), outcome),
    outcomes: (fileDigest, batchIds) =>
      values.getMany<ImportOutcome>(batchIds.map((batchId) => outcomeKey(fileDigest, batchId))),
    putSamples: (importId, samples) =>
      values.put(samplesKey(importId), samples, Math.ceil(Date.now() / 1_000) + SAMPLES_SECONDS),
    samples: async (importId) => (await values.get<readonly RowSample[]>(samplesKey(importId))) ?? [],
    files: createImportedFiles(values, options.storage),
    folders: createFolderStore(values),
  };
}
