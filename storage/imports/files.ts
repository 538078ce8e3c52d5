import { keyedHash } from '../keyed-hash.ts';
import type { Key, Storage } from '../ports.ts';
import type { SealedValues } from './sealed.ts';
import type { ContentStart, ImportedFile, ImportedFiles } from './types.ts';

/** Opens what the tenant's sources know of files. Paths may name people: they are found by a keyed hash. */
export function createImportedFiles(
  values: SealedValues,
  { master }: Pick<Storage, 'master'>,
): ImportedFiles {
  let hash: Promise<(text: string) => string> | undefined;
  const keyOf = async (source: string, path: string): Promise<Key> => {
    // A refusal is not kept: the key service may answer next time.
    hash ??= master.indexKey('import-files').then(keyedHash, (error: unknown) => {
      hash = undefined;
      throw error;
    });
    return { pk: `import-files/${source}`, sk: (await hash)(path) };
  };
  const startKey = (source: string, fileDigest: string): Key => ({
    pk: `import-starts/${source}`,
    sk: fileDigest,
  });
  return {
    get: async (source, path) => values.get<ImportedFile>(await keyOf(source, path)),
    getMany: async (source, paths) =>
      values.getMany<ImportedFile>(await Promise.all(paths.map((path) => keyOf(source, path)))),
    put: async (source, file) => values.put(await keyOf(source, file.path), file),
    start: (source, fileDigest) => values.get<ContentStart>(startKey(source, fileDigest)),
    async putStart(source, fileDigest, start) {
      const key = startKey(source, fileDigest);
      if (await values.putNew([[key, start]])) return start;
      return (await values.get<ContentStart>(key)) ?? start;
    },
  };
}
