import { columnOf, valueHasher, type Prepared } from '../prepare.ts';
import { combine, hashText } from '../hash.ts';

/** A blocking rule: records that agree on all its fields are compared. */
export interface BlockingRule {
  readonly name: string;
  readonly fields: readonly string[];
  /** The fields agree in any order: names that were put in each other's place. */
  readonly anyOrder?: boolean;
  /** Used only where it makes few pairs: it asks for little, which a small or sparse set needs and a large one can't afford. */
  readonly loose?: boolean;
}

function rule(...fields: string[]): BlockingRule {
  return { name: fields.join(' + '), fields };
}

function loose(...fields: string[]): BlockingRule {
  return { ...rule(...fields), loose: true };
}

/** Which pairs are worth comparing. Each rule allows for errors in what the others ask for; `other` names further fields. */
export function blockingRules(other: readonly string[]): BlockingRule[] {
  return [
    rule('nationalId'),
    rule('email'),
    rule('phone'),
    { ...rule('given', 'surname'), anyOrder: true },
    rule('surname', 'birthDate'),
    rule('given', 'birthDate'),
    rule('given', 'postcode'),
    rule('surname', 'postcode'),
    rule('houseNumber', 'street'),
    rule('given', 'surnameSound', 'city'),
    rule('birthDate', 'postcode'),
    loose('birthDate'),
    loose('emailLocal'),
    loose('given', 'street'),
    loose('surname', 'street'),
    ...other.flatMap((field) => [loose('given', field), loose('surname', field)]),
  ];
}

/**
 * Tells a record's key under a rule; 0 where one of the fields is missing. By value, whatever the order of records. Reads
 * the columns as they are at the time of asking.
 */
export function keyer(prepared: Prepared, { name, fields, anyOrder }: BlockingRule): (at: number) => number {
  const columns = fields.map((field) => columnOf(prepared, field));
  // Names in any order are one kind of value, and their hashes are added: that is the same in any order.
  const hashes = fields.map((field) => valueHasher(prepared, anyOrder === true ? 'name' : field));
  const seed = hashText(name);
  return (at) => {
    let key = seed;
    for (let field = 0; field < columns.length; field += 1) {
      const value = (columns[field] as Int32Array)[at] as number;
      if (value === 0) return 0;
      const hash = (hashes[field] as (value: number) => number)(value);
      key = anyOrder === true ? (key + hash) | 0 : combine(key, hash);
    }
    return key || 1;
  };
}

/** The keys of all records under a rule. */
export function keysOf(prepared: Prepared, rule: BlockingRule): Int32Array {
  const key = keyer(prepared, rule);
  const keys = new Int32Array(prepared.size);
  for (let at = 0; at < keys.length; at += 1) keys[at] = key(at);
  return keys;
}
