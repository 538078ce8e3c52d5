import type { SyncCursor } from '../../domain/sync/cursor.ts';
import type { Key, Table } from '../ports.ts';
import { writeInParts } from '../write-in-parts.ts';
import type { Sealed } from './sealed.ts';
import type { DescribedObject, SyncStore, SyncTokens } from './types.ts';

/** Where a stream's cursor is kept. */
export function cursorKey(source: string, stream: string): Key {
  return { pk: `sync-cursors/${source}`, sk: stream };
}

/** Where the fields that an object had are kept. */
export function schemaKey(source: string, object: string): Key {
  return { pk: `sync-schemas/${source}`, sk: object };
}

const tokensKey = (source: string): Key => ({ pk: 'sync-tokens', sk: source });

/** What a source's syncs go on from: tokens, cursors, and the fields that objects had. */
export function createSyncState(
  table: Table,
  sealed: Sealed,
): Pick<SyncStore, 'tokens' | 'putTokens' | 'cursor' | 'cursors' | 'schema'> & {
  forget(source: string): Promise<void>;
} {
  return {
    tokens: (source) => sealed.get<SyncTokens>(tokensKey(source)),
    async putTokens(source, tokens, version) {
      await table.write([await sealed.op(tokensKey(source), tokens, version)]);
    },
    cursor: (source, stream) => sealed.get<SyncCursor>(cursorKey(source, stream)),
    async cursors(source) {
      const items = await table.query({ pk: `sync-cursors/${source}` });
      const read = await Promise.all(
        items.map(async (item) => [item.sk, await sealed.read<SyncCursor>(item)] as const),
      );
      return new Map(read);
    },
    schema: (source, object) => sealed.get<DescribedObject>(schemaKey(source, object)),
    async forget(source) {
      const kept = ['sync-cursors', 'sync-schemas'].map((kind) => `${kind}/${source}`);
      const pages = await table.queryMany(kept.map((pk) => ({ pk })));
      const keys = [tokensKey(source), ...pages.flat()];
      await writeInParts(
        table,
        keys.map(({ pk, sk }) => ({ kind: 'delete', pk, sk })),
      );
    },
  };
}
