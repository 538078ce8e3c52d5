import { readableDomain } from './normalize-email.ts';
import { normalizePhone } from './normalize-phone.ts';

/** The first version of the rules below; what tenants without a version of their own began with. */
export const FIRST_NORMALIZER = 1;

/**
 * The newest version. A change of what the rules answer is a new one, since it moves addresses; each stays as it is.
 * 2: domains of email addresses in Punycode are read as the text that they stand for.
 */
export const NORMALIZER_VERSION = 2;

/** Longest identifier kept, in UTF-16 units. */
export const IDENTIFIER_MAX_LENGTH = 512;

/** Longest name of an identifier type. */
export const IDENTIFIER_TYPE_MAX_LENGTH = 64;

/** What normalizing answers: the value, or why it is no identifier (without the value). */
export type Normalized =
  { readonly ok: true; readonly value: string } | { readonly ok: false; readonly reason: string };

/** How identifiers are read: by which version (the newest where silent), and phone numbers by which ISO 3166 country. */
export interface NormalizeOptions {
  readonly version?: number;
  readonly defaultCountry?: string;
}

const TYPE = /^[A-Za-z][A-Za-z0-9._-]*$/;
const VISIBLE_ASCII = /^[\x21-\x7e]+$/;
/** White space and invisible marks at either end: what copying from a page or a sheet leaves behind. */
const EDGES = /^[\s\p{Cc}\p{Cf}]+|[\s\p{Cc}\p{Cf}]+$/gu;
/** Characters that nobody sees and that make two equal-looking values differ: controls, zero-width and direction marks, lone surrogates. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\u115f\u1160\u3164\uffa0]|\u034f|\u17b4|\u17b5/u;
/** Something, one `@`, and a domain of at least two labels. */
const EMAIL = /^[^\s@",;<>()]{1,64}@[^\s@",;<>().]+(?:\.[^\s@",;<>().]+)+$/u;
const EMAIL_MAX_LENGTH = 254;

/** Whether `type` can name a type of identifiers: a letter, then letters, digits, `.`, `_` or `-`. */
export function isIdentifierType(type: string): boolean {
  return type.length <= IDENTIFIER_TYPE_MAX_LENGTH && TYPE.test(type);
}

/**
 * The one form in which an identifier is compared and addressed. Idempotent: a normalized value normalizes to itself.
 */
export function normalizeIdentifier(type: string, value: string, options: NormalizeOptions = {}): Normalized {
  if (!isIdentifierType(type)) return refuse('the identifier type is not a name');
  if (value.length > IDENTIFIER_MAX_LENGTH * 2) return tooLong();
  if (type === 'email') return normalizeEmail(value, options.version ?? NORMALIZER_VERSION);
  if (type === 'phone') {
    const phone = normalizePhone(value.replace(EDGES, ''), options.defaultCountry);
    if (phone !== undefined) return { ok: true, value: phone };
    return refuse('not a phone number; write it with its country code, as in +41791234567');
  }
  return normalizeId(value);
}

function normalizeId(value: string): Normalized {
  const plain = VISIBLE_ASCII.test(value);
  const text = plain ? value : clean(value, 'NFC');
  if (text === '') return refuse('empty');
  if (text.length > IDENTIFIER_MAX_LENGTH) return tooLong();
  if (!plain && INVISIBLE.test(text)) return refuse('holds control or invisible characters');
  return { ok: true, value: text };
}

function normalizeEmail(value: string, version: number): Normalized {
  // Compatibility forms (full-width letters, ligatures) type the same address; other scripts are left alone.
  const text = (VISIBLE_ASCII.test(value) ? value : clean(value, 'NFKC')).toLowerCase().normalize('NFC');
  if (text === '') return refuse('empty');
  if (text.length > EMAIL_MAX_LENGTH) return tooLong();
  if (INVISIBLE.test(text)) return refuse('holds control or invisible characters');
  if (!EMAIL.test(text)) return refuse('not an email address; expected name@domain.tld');
  if (version < 2) return { ok: true, value: text };
  const at = text.lastIndexOf('@') + 1;
  const readable = text.slice(0, at) + readableDomain(text.slice(at));
  // Read as text, a domain may hold what an address may not; then the encoded form is the address.
  return { ok: true, value: EMAIL.test(readable) && !INVISIBLE.test(readable) ? readable : text };
}

/** Trims before and after composing, since composing can bring a space to the edge. */
function clean(value: string, form: 'NFC' | 'NFKC'): string {
  return value.normalize(form).replace(EDGES, '').normalize(form);
}

function refuse(reason: string): Normalized {
  return { ok: false, reason };
}

function tooLong(): Normalized {
  return refuse(`longer than ${IDENTIFIER_MAX_LENGTH} characters`);
}
