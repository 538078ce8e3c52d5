import { combine, hashText } from '../hash.ts';
import { valueHash, type Field, type Prepared } from '../prepare.ts';

/** A blocking rule: records that agree on all its fields are compared. */
export interface BlockingRule {
  readonly name: string;
  readonly fields: readonly Field[];
}

/**
 * Which pairs are worth comparing. Each rule allows for errors in what the others ask for; more rules make more pairs of
 * strangers than they find people.
 */
export const BLOCKING_RULES: readonly BlockingRule[] = [
  { name: 'nationalId', fields: ['nationalId'] },
  { name: 'email', fields: ['email'] },
  { name: 'phone', fields: ['phone'] },
  { name: 'surname + birth date', fields: ['surname', 'birthDate'] },
  { name: 'given + birth date', fields: ['given', 'birthDate'] },
  { name: 'given + postcode', fields: ['given', 'postcode'] },
  { name: 'surname + postcode', fields: ['surname', 'postcode'] },
  { name: 'given + surname', fields: ['given', 'surname'] },
  { name: 'house + street + postcode', fields: ['houseNumber', 'street', 'postcode'] },
  { name: 'given + sound of surname + city', fields: ['given', 'surnameSound', 'city'] },
  { name: 'birth date + postcode', fields: ['birthDate', 'postcode'] },
];

/** Hashes of values that are no evidence, by field. */
export type Junk = ReadonlyMap<string, ReadonlySet<number>>;

/** The key of each record under a rule; 0 where one of its fields is missing. By value, whatever the order of records. */
export function keysOf(prepared: Prepared, rule: BlockingRule): Int32Array {
  const keys = new Int32Array(prepared.size).fill(hashText(rule.name));
  for (const field of rule.fields) {
    const column = prepared.columns[field];
    const kind = field === 'surnameSound' ? 'sound' : field;
    for (let at = 0; at < keys.length; at += 1) {
      const value = column[at] as number;
      const key = keys[at] as number;
      if (key !== 0) keys[at] = value === 0 ? 0 : combine(key, valueHash(prepared, kind, value)) || 1;
    }
  }
  return keys;
}
