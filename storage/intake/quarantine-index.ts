import { decodeJson, encodeJson } from '../json.ts';
import type { Item, Key, Table } from '../ports.ts';
import type { IntakeSeal } from './context.ts';
import type { QuarantineEntry } from './types.ts';

const SOURCES = 'quarantine-sources';
const INDEX_DIGITS = 6;

/** An entry's id with its place padded, so that names sort as places do; undefined where it is no id. */
export function sortName(id: string): string | undefined {
  const match = /^([0-9A-Za-z_]{1,64})-(\d{1,6})$/.exec(id);
  if (match === null) return undefined;
  const [, batchId = '', index = ''] = match;
  return `${batchId}-${index.padStart(INDEX_DIGITS, '0')}`;
}

/** Where an entry stands. */
export function entryKey(source: string, name: string): Key {
  return { pk: `quarantine/${source}`, sk: name };
}

/** An entry as stored: sealed, for it names a message and a file. */
export async function sealEntry(sealer: IntakeSeal, entry: QuarantineEntry, version: number): Promise<Item> {
  const key = entryKey(entry.source, `${entry.batchId}-${String(entry.index).padStart(INDEX_DIGITS, '0')}`);
  const value = await sealer.seal(`${key.pk}/${key.sk}`, encodeJson(entry));
  return { ...key, version, value };
}

/** Reverses `sealEntry`. Throws `KeyGone`. */
export async function openEntry(sealer: IntakeSeal, item: Item): Promise<QuarantineEntry> {
  return decodeJson<QuarantineEntry>(await sealer.open(`${item.pk}/${item.sk}`, item.value));
}

/** Which sources ever had an entry: the partitions that a list over all of them reads. */
export interface QuarantineIndex {
  ensure(sources: ReadonlySet<string>): Promise<void>;
  sources(): Promise<string[]>;
}

/** Keeps the list of sources in the intake table. */
export function createQuarantineIndex(table: Table): QuarantineIndex {
  const known = new Set<string>();
  return {
    async ensure(sources) {
      for (const source of sources) {
        if (known.has(source)) continue;
        await table.write([{ kind: 'put', pk: SOURCES, sk: source, version: 1, value: new Uint8Array() }]);
        known.add(source);
      }
    },
    sources: async () => (await table.query({ pk: SOURCES })).map(({ sk }) => sk),
  };
}
