import { combine, hashText } from './hash.ts';
import {
  normalizeHouseNumber,
  normalizePostcode,
  normalizeStreet,
  splitAddress,
} from './normalize/addresses.ts';
import { normalizeEmail, normalizePhoneDigits } from './normalize/contact.ts';
import { normalizeDate } from './normalize/dates.ts';
import { normalizeName } from './normalize/names.ts';
import { isFillerNumber } from './normalize/placeholders.ts';
import { soundex } from './normalize/soundex.ts';
import { normalizePlain } from './normalize/text.ts';
import { Pool, grown } from './pool.ts';
import type { PersonRecord } from './types.ts';

/**
 * Columns of a prepared set. A text column holds numbers of the pool, `birthDate` holds `yyyymmdd`, `phone` nine
 * digits; 0 is a missing value everywhere.
 */
export const FIELDS = [
  'given',
  'surname',
  'surnameSound',
  'birthDate',
  'email',
  'emailLocal',
  'phone',
  'houseNumber',
  'street',
  'street2',
  'postcode',
  'city',
  'nationalId',
] as const;
export type Field = (typeof FIELDS)[number];

/** Most raw values of a field whose normal form is remembered while preparing. */
const REMEMBERED_MAX = 1 << 16;

/** Records normalized once, as columns in the order of their ids: the same for any order of arrival. */
export interface Prepared {
  readonly size: number;
  readonly ids: readonly string[];
  readonly pool: Pool;
  readonly columns: Readonly<Record<Field, Int32Array>>;
  /** Columns of the fields of `other`, by name, in the names' order. */
  readonly other: ReadonlyMap<string, Int32Array>;
}

/** Normalizes records one at a time, so that a million of them need not be in memory at once. */
export class Preparer {
  readonly pool: Pool;
  readonly #ids: string[] = [];
  readonly #columns: Record<Field, Int32Array> = Object.fromEntries(
    FIELDS.map((field) => [field, new Int32Array(1024)]),
  ) as Record<Field, Int32Array>;
  readonly #other = new Map<string, Int32Array>();
  readonly #remembered = new Map<Field | 'state', Map<string, number>>();
  #capacity = 1024;

  /** `other` names fields that the set has whether or not a record brings them. */
  constructor({
    other = [],
    pool = new Pool(),
  }: { readonly other?: readonly string[]; readonly pool?: Pool } = {}) {
    this.pool = pool;
    for (const name of other) this.#other.set(name, new Int32Array(this.#capacity));
  }

  /** How many records the columns have room for. When it changes, earlier views are out of date. */
  get capacity(): number {
    return this.#capacity;
  }

  /** The records so far in order of arrival, on the preparer's own columns: later records show up in them. */
  view(): Prepared {
    return {
      ...{ size: this.#ids.length, ids: this.#ids, pool: this.pool },
      ...{ columns: this.#columns, other: new Map([...this.#other].sort(([x], [y]) => (x < y ? -1 : 1))) },
    };
  }

  /** Forgets the record that was added last. */
  drop(): void {
    const at = this.#ids.length - 1;
    this.#ids.pop();
    for (const field of FIELDS) this.#columns[field][at] = 0;
    for (const column of this.#other.values()) column[at] = 0;
  }

  /** Takes a record in. Ids must be unique; of two records with one id, `finish` keeps the one added last. */
  add(record: PersonRecord): void {
    const at = this.#ids.length;
    if (at === this.#capacity) this.#grow();
    this.#ids.push(record.id);
    const columns = this.#columns;
    columns.given[at] = this.#text('given', record.given, normalizeName);
    const surname = this.#text('surname', record.surname, normalizeName);
    columns.surname[at] = surname;
    columns.surnameSound[at] =
      surname === 0 ? 0 : this.#text('surnameSound', record.surname, (raw) => soundex(normalizeName(raw)));
    columns.birthDate[at] = this.#recall('birthDate', record.birthDate, normalizeDate);
    columns.phone[at] = record.phone === undefined ? 0 : normalizePhoneDigits(record.phone);
    this.#addEmail(at, record.email);
    this.#addAddress(at, record);
    columns.nationalId[at] =
      record.nationalId === undefined ? 0 : this.pool.intern(normalizeNumber(record.nationalId));
    if (record.other) this.#addOther(at, record.other);
  }

  /** The prepared set. The preparer is spent. */
  finish(): Prepared {
    const ids = this.#ids;
    const order = Array.from(ids.keys()).sort((x, y) => {
      const [left, right] = [ids[x] as string, ids[y] as string];
      return left < right ? -1 : left > right ? 1 : x - y;
    });
    const kept = Int32Array.from(order.filter((from, at) => ids[from] !== ids[order[at + 1] ?? -1]));
    const permuted = (column: Int32Array): Int32Array => kept.map((from) => column[from] as number);
    return {
      size: kept.length,
      ids: Array.from(kept, (from) => ids[from] as string),
      pool: this.pool,
      columns: Object.fromEntries(FIELDS.map((field) => [field, permuted(this.#columns[field])])) as Record<
        Field,
        Int32Array
      >,
      other: new Map(
        [...this.#other.entries()]
          .sort(([x], [y]) => (x < y ? -1 : 1))
          .map(([name, column]) => [name, permuted(column)]),
      ),
    };
  }

  #addEmail(at: number, raw: string | undefined): void {
    const email = raw === undefined ? undefined : normalizeEmail(raw);
    if (!email) return;
    this.#columns.email[at] = this.pool.intern(`${email.local}@${email.domain}`);
    this.#columns.emailLocal[at] = this.pool.intern(email.local);
  }

  #addAddress(at: number, record: PersonRecord): void {
    const columns = this.#columns;
    const line = record.street ?? record.address;
    let [number, street] = [record.houseNumber ?? '', line ?? ''];
    if (line !== undefined && (record.street === undefined || number === '')) {
      const parts = splitAddress(line);
      if (parts.number !== '' || record.street === undefined) street = parts.street;
      number ||= parts.number;
    }
    columns.street[at] = this.#text('street', street, normalizeStreet);
    columns.street2[at] = this.#text('street2', record.street2, normalizeStreet);
    columns.houseNumber[at] = this.#text('houseNumber', number, normalizeHouseNumber);
    columns.postcode[at] = this.#text('postcode', record.postcode, normalizePostcode);
    columns.city[at] = this.#text('city', record.city, normalizePlain);
  }

  #addOther(at: number, other: Readonly<Record<string, string | undefined>>): void {
    for (const [name, raw] of Object.entries(other)) {
      const value = raw === undefined ? 0 : this.pool.intern(normalizePlain(raw));
      if (value === 0) continue;
      let column = this.#other.get(name);
      if (!column) this.#other.set(name, (column = new Int32Array(this.#capacity)));
      column[at] = value;
    }
  }

  #text(field: Field, raw: string | undefined, normalize: (raw: string) => string): number {
    return this.#recall(field, raw, (text) => this.pool.intern(normalize(text)));
  }

  #recall(field: Field, raw: string | undefined, normalize: (raw: string) => number): number {
    if (raw === undefined || raw === '') return 0;
    let remembered = this.#remembered.get(field);
    if (!remembered) this.#remembered.set(field, (remembered = new Map<string, number>()));
    const known = remembered.get(raw);
    if (known !== undefined) return known;
    const value = normalize(raw);
    if (remembered.size < REMEMBERED_MAX) remembered.set(raw, value);
    return value;
  }

  #grow(): void {
    this.#capacity *= 2;
    for (const field of FIELDS) this.#columns[field] = grown(this.#columns[field], this.#capacity);
    for (const [name, column] of this.#other) this.#other.set(name, grown(column, this.#capacity));
  }
}

/** Normalizes records for linking. Ids must be unique. */
export function prepare(records: Iterable<PersonRecord>): Prepared {
  const preparer = new Preparer();
  for (const record of records) preparer.add(record);
  return preparer.finish();
}

/** The column of a field, of the record's own or of `other`; all missing where the set has none. */
export function columnOf(prepared: Prepared, field: string): Int32Array {
  const own = (prepared.columns as Readonly<Record<string, Int32Array>>)[field];
  return prepared.other.get(field) ?? own ?? new Int32Array(prepared.size);
}

/** Hashes a field's values by what they are, not by when they were seen; 0, the missing value, stays 0. */
export function valueHasher({ pool }: Prepared, field: string): (value: number) => number {
  const seed = hashText(field);
  if (field === 'birthDate' || field === 'phone')
    return (value) => (value === 0 ? 0 : combine(seed, combine(value, 1)));
  return (value) => (value === 0 ? 0 : combine(seed, pool.hashes[value] as number));
}

function normalizeNumber(raw: string): string {
  const text = normalizePlain(raw).replaceAll(' ', '');
  return isFillerNumber(text) ? '' : text;
}

/** Where a record is in a prepared set; undefined where it is not. */
export function indexOf({ ids }: Prepared, id: string): number | undefined {
  let [from, to] = [0, ids.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((ids[middle] as string) < id) from = middle + 1;
    else to = middle;
  }
  return ids[from] === id ? from : undefined;
}
