import { combine } from './hash.ts';
import { valueHasher, type Field, type Prepared } from './prepare.ts';
import type { LinkageModel } from './types.ts';

/** Hashes of values that are no evidence, by field. */
export type Junk = ReadonlyMap<string, ReadonlySet<number>>;

/** Fields whose values belong to one person or one household, unless they are fillers. */
const PROTECTED: readonly Field[] = ['email', 'phone', 'nationalId'];

/** Different names (given and surname together) that may share a value; with more, it says nothing about anyone. */
const NAMES_MAX = 12;

/** Values that people of too many different names share: switchboards, shop counters, `none@example.com`. */
export function junkOf(prepared: Prepared): Junk {
  const { given, surname } = prepared.columns;
  const junk = new Map<string, ReadonlySet<number>>();
  for (const field of PROTECTED) {
    const column = prepared.columns[field];
    const names = new Map<number, Set<number>>();
    for (const [value, count] of frequent(column)) if (count > NAMES_MAX) names.set(value, new Set());
    if (names.size === 0) continue;
    for (let at = 0; at < prepared.size; at += 1) {
      const seen = names.get(column[at] as number);
      if (seen && seen.size <= NAMES_MAX) seen.add(combine(given[at] as number, surname[at] as number));
    }
    const found = [...names].filter(([, seen]) => seen.size > NAMES_MAX);
    const hash = valueHasher(prepared, field);
    if (found.length > 0) junk.set(field, new Set(found.map(([value]) => hash(value))));
  }
  return junk;
}

function* frequent(column: Int32Array): Generator<[number, number]> {
  const sorted = column.slice().sort();
  for (let at = 0; at < sorted.length;) {
    const from = at;
    while (at < sorted.length && sorted[at] === sorted[from]) at += 1;
    if (sorted[from] !== 0 && at - from > NAMES_MAX) yield [sorted[from] as number, at - from];
  }
}

/** The set without its junk values. */
export function withoutJunk(prepared: Prepared, junk: Junk): Prepared {
  if (junk.size === 0) return prepared;
  const columns: Record<string, Int32Array> = { ...prepared.columns };
  for (const [field, hashes] of junk) {
    const [column, hash] = [prepared.columns[field as Field], valueHasher(prepared, field)];
    columns[field] = column.map((value) => (hashes.has(hash(value)) ? 0 : value));
  }
  return { ...prepared, columns: columns as Prepared['columns'] };
}

/** The junk of a model. */
export function junkOfModel({ junk }: Pick<LinkageModel, 'junk'>): Junk {
  return new Map(Object.entries(junk).map(([field, hashes]) => [field, new Set(hashes)]));
}

/** Clears the junk values of one record. */
export function clearJunk(prepared: Prepared, junk: Junk, at: number): void {
  for (const [field, hashes] of junk) {
    const column = prepared.columns[field as Field];
    if (hashes.has(valueHasher(prepared, field)(column[at] as number))) column[at] = 0;
  }
}
