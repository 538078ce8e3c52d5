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

/**
 * Where sources put them: the Segment spec, CRM exports and the built-in mappings, compared without case and separators,
 * so that `first_name` is `First Name`. A mapping may name others under `person`.
 */
export const DEFAULT_PERSON_TRAITS: Readonly<Record<PersonField, readonly string[]>> = {
  given: ['firstName', 'givenName', 'forename', 'fName'],
  surname: ['lastName', 'surname', 'familyName', 'lName'],
  birthDate: ['birthday', 'birthDate', 'dateOfBirth', 'dob'],
  email: ['email', 'emailAddress', 'mail', 'primaryEmail', 'personalEmail'],
  phone: [
    'phone',
    'phoneNumber',
    'mobile',
    'mobilePhone',
    'mobileNumber',
    'telephone',
    'tel',
    'cell',
    'cellPhone',
    'homePhone',
  ],
  houseNumber: [
    'address.houseNumber',
    'address.streetNumber',
    'houseNumber',
    'streetNumber',
    'houseNo',
    'streetNo',
  ],
  street: [
    ...['address.street', 'address.streetAddress', 'address.line1', 'address.address1', 'address.streetName'],
    ...['street', 'streetName', 'streetAddress', 'address1', 'addressLine1', 'line1', 'mailingStreet'],
  ],
  street2: [
    ...['address.street2', 'address.line2', 'address.address2'],
    ...['street2', 'address2', 'addressLine2', 'line2'],
  ],
  address: ['address', 'fullAddress', 'address.full', 'address.formatted', 'homeAddress', 'postalAddress'],
  postcode: [
    ...['address.postalCode', 'address.postcode', 'address.zip', 'address.zipCode'],
    ...['postalCode', 'postcode', 'zip', 'zipCode', 'plz', 'mailingPostalCode', 'mailingZip'],
  ],
  city: [
    ...['address.city', 'address.town', 'address.locality', 'address.suburb'],
    ...['city', 'town', 'locality', 'suburb', 'mailingCity'],
  ],
  state: [
    ...['address.state', 'address.region', 'address.province', 'address.county'],
    ...['state', 'region', 'province', 'county', 'stateCode', 'mailingState'],
  ],
  nationalId: [
    'nationalId',
    'taxId',
    'customerNumber',
    'ssn',
    'socialSecurityNumber',
    'socSecId',
    'nationalInsuranceNumber',
    'nhsNumber',
  ],
};

/** What else says something of a person wherever it is told, under names compared in the same way. */
export const DEFAULT_OTHER_TRAITS: Readonly<Record<string, readonly string[]>> = {
  middleName: ['middleName', 'middle', 'secondName', 'middleInitial'],
  birthPlace: ['birthPlace', 'placeOfBirth', 'birthCity', 'pob'],
  occupation: ['occupation', 'profession', 'jobTitle', 'job'],
  gender: ['gender', 'sex'],
};

/** Text longer than this is no name and no address. */
const FIELD_CHARS_MAX = 500;
const FIELD_NAMES: ReadonlySet<string> = new Set(PERSON_FIELDS);

/**
 * The person in a set of traits, under the names that a mapping gives and else the usual ones. Where there are no first
 * and last names but a `name`, its last word is the surname, or what comes before a comma. Values that are neither text
 * nor numbers are left out.
 */
export function personOf(traits: JsonObject, named: PersonTraits = {}): PersonFields {
  const person: PersonFields = {};
  const usual = foldedTexts(traits);
  const read = (name: string, defaults: readonly string[]): string | undefined => {
    const names = ownValue(named, name);
    return names ? firstText(traits, names) : firstOf(usual, defaults);
  };
  for (const field of PERSON_FIELDS) {
    const value = read(field, DEFAULT_PERSON_TRAITS[field]);
    if (value !== undefined) person[field] = value;
  }
  if (person.given === undefined && person.surname === undefined) splitName(usual, person);
  for (const name of new Set([...Object.keys(DEFAULT_OTHER_TRAITS), ...Object.keys(named)])) {
    if (FIELD_NAMES.has(name)) continue;
    const value = read(name, ownValue(DEFAULT_OTHER_TRAITS, name) ?? []);
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

const FULL_NAMES = ['name', 'fullName', 'displayName'];

function splitName(usual: ReadonlyMap<string, string>, person: PersonFields): void {
  const name = firstOf(usual, FULL_NAMES);
  if (name === undefined) return;
  const [before = '', after = ''] = name.split(',').map((part) => part.trim());
  if (before !== '' && after !== '') {
    person.given = after;
    person.surname = before;
    return;
  }
  const words = name.replaceAll(',', ' ').trim().split(/\s+/u);
  const surname = words.length > 1 ? words.pop() : undefined;
  person.given = words.join(' ');
  if (surname !== undefined) person.surname = surname;
}

/** Names in the form in which they are compared, remembered: there are few. */
const foldedNames = new Map<string, string>();
const FOLDED_MAX = 10_000;

/** A name without case and separators; dots lead into nested objects and stay. */
function fold(name: string): string {
  const known = foldedNames.get(name);
  if (known !== undefined) return known;
  const folded = name.toLowerCase().replace(/[^\p{L}\p{N}.]|^\.+|\.+$/gu, '');
  if (foldedNames.size < FOLDED_MAX) foldedNames.set(name, folded);
  return folded;
}

/** All texts among traits, and in objects among them, by folded name. The first of two alike stands. */
function foldedTexts(traits: JsonObject, prefix = ''): Map<string, string> {
  const texts = new Map<string, string>();
  for (const [name, value] of Object.entries(traits)) {
    const folded = prefix + fold(name);
    const text = textOf(value);
    if (text !== undefined && !texts.has(folded)) texts.set(folded, text);
    if (prefix !== '' || typeof value !== 'object' || value === null || Array.isArray(value)) continue;
    for (const [inner, found] of foldedTexts(value, `${folded}.`))
      if (!texts.has(inner)) texts.set(inner, found);
  }
  return texts;
}

function firstOf(texts: ReadonlyMap<string, string>, names: readonly string[]): string | undefined {
  for (const name of names) {
    const text = texts.get(fold(name));
    if (text !== undefined) return text;
  }
  return undefined;
}
