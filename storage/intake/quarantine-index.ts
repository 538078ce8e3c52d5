import { decodeJson, encodeJson } from '../json.ts';
import { ConditionFailed } from '../errors.ts';
import type { Item, Key, Table, WriteOp } from '../ports.ts';
import type { BatchHeader } from '../../domain/ingestion/raw.ts';
import type { IntakeSeal } from './context.ts';
import type { QuarantineEntry } from './types.ts';

const SOURCES = 'quarantine-sources';
const INDEX_DIGITS = 6;
const DAY_SECONDS = 86_400;
/** A name that no entry has. */
export const NO_ENTRY = '-';

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

/** When an entry is forgotten: so many days after a moment; never where no days are given. */
export function expiryOf(moment: string, days: number | undefined): { readonly expiresAt?: number } {
  if (days === undefined) return {};
  return { expiresAt: Math.floor(Date.parse(moment) / 1_000) + days * DAY_SECONDS };
}

/** Writes those whose expectations hold; of a transaction that fails, the rest is tried again without the others. */
export async function writeWherePossible(table: Table, ops: readonly WriteOp[]): Promise<void> {
  if (ops.length === 0) return;
  try {
    await table.write(ops);
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
    if (ops.length === 1) return;
    const failed = new Set(error.failed);
    const left = ops.filter((_, i) => !failed.has(i));
    if (left.length < ops.length) {
      await writeWherePossible(table, left);
      return;
    }
    const middle = ops.length >> 1;
    await writeWherePossible(table, ops.slice(0, middle));
    await writeWherePossible(table, ops.slice(middle));
  }
}

/** How many entries these batches have. */
export async function countEntries(
  table: Table,
  headers: readonly Pick<BatchHeader, 'source' | 'batchId'>[],
): Promise<number> {
  let count = 0;
  for (const { source, batchId } of headers) {
    const range = { pk: entryKey(source, '').pk, from: `${batchId}-`, to: `${batchId}.` };
    for (let after: string | undefined; ;) {
      const page = await table.query({ ...range, ...(after === undefined ? {} : { after }) });
      count += page.length;
      after = page.at(-1)?.sk;
      if (page.length < 1_000 || after === undefined) break;
    }
  }
  return count;
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
