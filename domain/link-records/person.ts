import type { JsonObject, JsonValue } from '../json.ts';
import { ownValue, setOwn } from '../record.ts';

/** The fields of a person that records are compared by; `address` is one line, where its parts are not known. */
export const PERSON_FIELDS = [
  'given',
  'surname',
  'birthDate',
  'email',
  'phone',
  'houseNumber',
  'street',
  'street2',
  'address',
  'postcode',
  'city',
  'state',
  'nationalId',
] as const;

export type PersonField = (typeof PERSON_FIELDS)[number];

/** What one record says of a person, as it was sent. Whatever has no field of its own is in `other`, by name. */
export type PersonFields = { [F in PersonField]?: string } & { other?: Record<string, string> };

/**
 * Which traits hold which field: dotted names, the first that has a value is taken. A name that is no field of a person
 * is one more thing to compare.
 */
export type PersonTraits = Readonly<Record<string, readonly string[]>>;

/** Where the Segment spec and the built-in mappings put them. A mapping may name others under `person`. */
export const DEFAULT_PERSON_TRAITS: Readonly<Record<PersonField, readonly string[]>> = {
  given: ['firstName', 'first_name', 'givenName'],
  surname: ['lastName', 'last_name', 'surname', 'familyName'],
  birthDate: ['birthday', 'birthDate', 'dateOfBirth'],
  email: ['email'],
  phone: ['phone', 'mobile'],
  houseNumber: ['address.houseNumber', 'houseNumber', 'streetNumber'],
  street: ['address.street', 'street', 'address1'],
  street2: ['address.street2', 'street2', 'address2'],
  address: ['address'],
  postcode: ['address.postalCode', 'postalCode', 'postcode', 'zip'],
  city: ['address.city', 'city'],
  state: ['address.state', 'state'],
  nationalId: ['nationalId', 'taxId', 'customerNumber'],
};

/** Text longer than this is no name and no address. */
const FIELD_CHARS_MAX = 500;
const FIELD_NAMES: ReadonlySet<string> = new Set(PERSON_FIELDS);

/**
 * The person in a set of traits, under the names that a mapping gives and else the usual ones. Where there are no first
 * and last names but a `name`, its last word is the surname. Values that are neither text nor numbers are left out.
 */
export function personOf(traits: JsonObject, named: PersonTraits = {}): PersonFields {
  const person: PersonFields = {};
  for (const field of PERSON_FIELDS) {
    const value = firstText(traits, ownValue(named, field) ?? DEFAULT_PERSON_TRAITS[field]);
    if (value !== undefined) person[field] = value;
  }
  if (person.given === undefined && person.surname === undefined) splitName(traits, person);
  for (const [name, names] of Object.entries(named)) {
    if (FIELD_NAMES.has(name)) continue;
    const value = firstText(traits, names);
    if (value !== undefined) setOwn((person.other ??= {}), name, value);
  }
  return person;
}

/** What is known after `newer` on top of `older`: a later value replaces an earlier one, its absence does not. */
export function overlay(older: PersonFields, newer: PersonFields): PersonFields {
  const other = { ...older.other, ...newer.other };
  return { ...older, ...newer, ...(Object.keys(other).length > 0 && { other }) };
}

/** True where there is nothing to compare by. */
export function isBlank(person: PersonFields): boolean {
  return Object.keys(person).length === 0;
}

function firstText(traits: JsonObject, names: readonly string[]): string | undefined {
  for (const name of names) {
    const text = textOf(valueAt(traits, name));
    if (text !== undefined) return text;
  }
  return undefined;
}

/** A trait by its whole name, dots and all, or by its place in nested objects. */
function valueAt(traits: JsonObject, name: string): JsonValue | undefined {
  const whole = ownValue(traits, name);
  if (whole !== undefined || !name.includes('.')) return whole;
  let value: JsonValue | undefined = traits;
  for (const step of name.split('.')) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    value = ownValue(value, step);
  }
  return value;
}

function textOf(value: JsonValue | undefined): string | undefined {
  if (typeof value === 'number') return String(value);
  if (typeof value !== 'string') return undefined;
  const text = value.trim();
  return text === '' || text.length > FIELD_CHARS_MAX ? undefined : text;
}

function splitName(traits: JsonObject, person: PersonFields): void {
  const name = textOf(ownValue(traits, 'name'));
  if (name === undefined) return;
  const words = name.split(/\s+/u);
  const surname = words.length > 1 ? words.pop() : undefined;
  person.given = words.join(' ');
  if (surname !== undefined) person.surname = surname;
}
