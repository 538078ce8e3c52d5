/** Levels of each comparison, from 0, "missing", to the closest agreement. The order is part of a model. */
export const GIVEN_LEVELS = [
  'missing',
  'different',
  'swapped with surname',
  'similar',
  'nickname',
  'initial',
  'close',
  'exact',
] as const;
export const SURNAME_LEVELS = ['missing', 'different', 'similar', 'close', 'exact'] as const;
export const DATE_LEVELS = [
  'missing',
  'different',
  'one part',
  'two parts',
  'one edit or day and month swapped',
  'exact',
] as const;
export const EMAIL_LEVELS = [
  'missing',
  'different',
  'similar',
  'same local part or one edit',
  'exact',
] as const;
export const NUMBER_LEVELS = ['missing', 'different', 'one edit', 'exact'] as const;
export const OTHER_LEVELS = ['missing', 'different', 'similar', 'exact'] as const;

const STREET_PARTS = ['', 'street different', 'street similar', 'street'] as const;
const NUMBER_PARTS = ['', 'number different', 'number similar', 'number'] as const;
const PLACE_PARTS = ['', 'place different', 'city', 'area', 'postcode similar', 'postcode'] as const;

/** Jaro-Winkler similarities from which two names are called close and similar. */
export const CLOSE = 0.9;
export const SIMILAR = 0.78;

/** The one level of a whole address, from the levels of its parts. */
export function addressLevel(street: number, number: number, place: number): number {
  return street + STREET_PARTS.length * (number + NUMBER_PARTS.length * place);
}

export const ADDRESS_LEVELS: readonly string[] = PLACE_PARTS.flatMap((place) =>
  NUMBER_PARTS.flatMap((number) =>
    STREET_PARTS.map(
      (street) => [street, number, place].filter((part) => part !== '').join(', ') || 'missing',
    ),
  ),
);
