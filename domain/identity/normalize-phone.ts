import { parsePhoneNumberFromString, type CountryCode } from 'libphonenumber-js/min';

/** Plain E.164. */
const E164 = /^\+[1-9]\d{6,14}$/;

/** A country code followed by a zero: a national prefix may have been kept, which only the numbering plan can tell. */
const KEPT_TRUNK_ZERO =
  /^\+(?:1|7|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|2[1-689]\d|3[578]\d|42\d|5[09]\d|6[7-9]\d|8[0578]\d|9[679]\d)0/;

const COUNTRY = /^[A-Z]{2}$/;

/** What people write between digits. */
const PUNCTUATION = /[\s().\-/]+/g;

/**
 * E.164 of a phone number; undefined where it is no possible number, or lacks a country code and no default is given.
 * International numbers without a kept national prefix are only stripped of punctuation: parsing by the numbering plan
 * costs more than all else in an event.
 */
export function normalizePhone(value: string, defaultCountry?: string): string | undefined {
  if (isPlain(value)) return value;
  const text = value.startsWith('00') ? `+${value.slice(2)}` : value;
  const compact = text.replace(PUNCTUATION, '');
  if (isPlain(compact)) return compact;
  const country = defaultCountry?.toUpperCase() ?? '';
  const known = COUNTRY.test(country) ? { defaultCountry: country as CountryCode } : {};
  const parsed = parsePhoneNumberFromString(text, { ...known, extract: false });
  return parsed?.isPossible() === true && E164.test(parsed.number) ? parsed.number : undefined;
}

function isPlain(text: string): boolean {
  return E164.test(text) && !KEPT_TRUNK_ZERO.test(text);
}
