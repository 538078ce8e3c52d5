import { isFillerNumber, isPlaceholder } from './placeholders.ts';
import { fold } from './text.ts';

const EMAIL = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;
/** Providers that deliver to the same person whatever dots the local part has. */
const DOTLESS = new Set(['gmail.com', 'googlemail.com']);
const FILLER_LOCALS = new Set(
  'test,none,noemail,no,na,null,noreply,email,unknown,nomail,nobody,a,x,xx,xxx'.split(','),
);

/** Length of the part of a phone number that is compared: what follows country and trunk codes almost everywhere. */
const PHONE_DIGITS = 9;
const PHONE_DIGITS_MIN = 6;

/** An email address without its tag; nothing where it is none, or a filler. */
export function normalizeEmail(
  text: string,
): { readonly local: string; readonly domain: string } | undefined {
  const value = fold(text).trim();
  if (!EMAIL.test(value)) return undefined;
  const at = value.lastIndexOf('@');
  const domain = value.slice(at + 1);
  const plus = value.indexOf('+');
  let local = value.slice(0, plus > 0 && plus < at ? plus : at);
  if (DOTLESS.has(domain)) local = local.replaceAll('.', '');
  if (FILLER_LOCALS.has(local) || isPlaceholder(local)) return undefined;
  return { local, domain: domain === 'googlemail.com' ? 'gmail.com' : domain };
}

/**
 * The last nine digits of a phone number, as a number; 0 where it has too few or is a filler. Country and trunk codes
 * differ between the same number written here and abroad, the last nine digits do not, and reading by the numbering plan
 * takes a hundred times as long.
 */
export function normalizePhoneDigits(text: string): number {
  let digits = '';
  for (let at = text.length - 1; at >= 0 && digits.length < PHONE_DIGITS; at -= 1) {
    const unit = text.charCodeAt(at);
    if (unit >= 48 && unit <= 57) digits = String.fromCharCode(unit) + digits;
    else if (unit === 120 || unit === 88) digits = ''; // an extension follows the x
  }
  if (digits.length < PHONE_DIGITS_MIN || isFillerNumber(digits)) return 0;
  return Number(digits);
}
