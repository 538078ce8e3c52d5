import { WRITE_OPS_MAX } from '../../../storage/ports.ts';
import type { Item, Storage, Table, WriteOp } from '../../../storage/ports.ts';

/** The table under test, its storage, and a clock that a case can move. */
export interface TableUnderTest {
  readonly storage: Storage;
  readonly table: Table;
  now: number;
}

/** A text as bytes. */
export const bytes = (text: string): Uint8Array => Buffer.from(text);
/** The value of an item as text. */
export const text = (item: Item | undefined): string | undefined =>
  item === undefined ? undefined : Buffer.from(item.value).toString();
/** A put whose value is the sort key where silent. */
export const put = (pk: string, sk: string, value = sk, more: Partial<WriteOp & Item> = {}): WriteOp =>
  ({ kind: 'put', pk, sk, version: 1, value: bytes(value), ...more }) as WriteOp;
/** The sort keys of items. */
export const sks = (items: readonly Item[]): string[] => items.map((item) => item.sk);

/** All that is answered. */
export async function collect(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** Puts items under these sort keys. */
export async function seed(table: Table, pk: string, names: readonly string[]): Promise<void> {
  for (let at = 0; at < names.length; at += WRITE_OPS_MAX) {
    await table.write(names.slice(at, at + WRITE_OPS_MAX).map((sk) => put(pk, sk)));
  }
}
