/** Exact decimals as text: `-?digits[.digits]`, no exponent, no needless zeros, zero is `0`. */

/** Digits before the point beyond which a value takes no part in a sum: no money is that large. */
export const DECIMAL_MAX_INTEGER_DIGITS = 24;

/** Digits after the point beyond which a value takes no part in a sum. */
export const DECIMAL_MAX_FRACTION_DIGITS = 24;

/** Scaled values below this are added as doubles: scaling by a power of ten is then off by far less than a half. */
const FAST_DIGITS = 14;

const PLAIN = /^[+-]?(\d+)(?:\.(\d+))?$/;
const SCIENTIFIC = /^(-?)(\d+)(?:\.(\d+))?e([+-]\d+)$/;
const POWERS = Array.from({ length: FAST_DIGITS + 1 }, (_, power) => 10 ** power);

/**
 * The canonical text of a number (its shortest decimal form, so 29.33 is 29.33) or of a plain decimal string.
 * Undefined for anything that is not a finite decimal within the limits.
 */
export function toDecimal(value: unknown): string | undefined {
  if (typeof value === 'number') return fromNumber(value);
  return typeof value === 'string' ? fromText(value) : undefined;
}

function fromNumber(value: number): string | undefined {
  if (!Number.isFinite(value)) return undefined;
  const text = String(value);
  if (!text.includes('e')) return value === 0 ? '0' : withinLimits(text);
  const match = SCIENTIFIC.exec(text);
  if (match === null) return undefined;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match;
  const scale = fraction.length - Number(exponent);
  const digits = whole + fraction;
  if (Math.abs(scale) > DECIMAL_MAX_INTEGER_DIGITS + DECIMAL_MAX_FRACTION_DIGITS) return undefined;
  return withinLimits(sign + (scale > 0 ? place(digits, scale) : digits + '0'.repeat(-scale)));
}

function fromText(value: string): string | undefined {
  const text = value.trim();
  if (text.length > DECIMAL_MAX_INTEGER_DIGITS + DECIMAL_MAX_FRACTION_DIGITS + 2) return undefined;
  const match = PLAIN.exec(text);
  if (match === null) return undefined;
  const whole = (match[1] ?? '').replace(/^0+(?=\d)/, '');
  const fraction = (match[2] ?? '').replace(/0+$/, '');
  const unsigned = fraction === '' ? whole : `${whole}.${fraction}`;
  if (unsigned === '0') return '0';
  return withinLimits(text.startsWith('-') ? `-${unsigned}` : unsigned);
}

function withinLimits(text: string): string | undefined {
  const start = text.startsWith('-') ? 1 : 0;
  const point = text.indexOf('.');
  const whole = (point < 0 ? text.length : point) - start;
  const fraction = point < 0 ? 0 : text.length - point - 1;
  if (whole > DECIMAL_MAX_INTEGER_DIGITS || fraction > DECIMAL_MAX_FRACTION_DIGITS) return undefined;
  return text;
}

/** The exact sum of two canonical decimals, canonical itself. */
export function addDecimals(a: string, b: string): string {
  if (a === '0') return b;
  if (b === '0') return a;
  const scaleA = scaleOf(a);
  const scaleB = scaleOf(b);
  const scale = Math.max(scaleA, scaleB);
  if (a.length - scaleA + scale <= FAST_DIGITS && b.length - scaleB + scale <= FAST_DIGITS) {
    const power = POWERS[scale] ?? 1;
    const sum = Math.round(Number(a) * power) + Math.round(Number(b) * power);
    return format(sum < 0, String(Math.abs(sum)), scale);
  }
  const sum = scaled(a, scaleA, scale) + scaled(b, scaleB, scale);
  return format(sum < 0n, String(sum < 0n ? -sum : sum), scale);
}

/** The exact product of two canonical decimals, canonical itself. */
export function multiplyDecimals(a: string, b: string): string {
  const scaleA = scaleOf(a);
  const scaleB = scaleOf(b);
  const product = scaled(a, scaleA, scaleA) * scaled(b, scaleB, scaleB);
  return format(product < 0n, String(product < 0n ? -product : product), scaleA + scaleB);
}

/** A canonical decimal with its point `digits` to the left: cents as euros with 2. */
export function shiftDecimal(text: string, digits: number): string {
  const scale = scaleOf(text);
  const value = scaled(text, scale, scale);
  return format(value < 0n, String(value < 0n ? -value : value), scale + digits);
}

function scaleOf(text: string): number {
  const point = text.indexOf('.');
  return point < 0 ? 0 : text.length - point - 1;
}

function scaled(text: string, from: number, to: number): bigint {
  return BigInt(text.replace('.', '') + '0'.repeat(to - from));
}

function format(negative: boolean, digits: string, scale: number): string {
  const text = scale === 0 ? digits : trimFraction(place(digits, scale));
  return negative && text !== '0' ? `-${text}` : text;
}

/** Puts the point `scale` digits from the right. */
function place(digits: string, scale: number): string {
  const padded = digits.padStart(scale + 1, '0');
  return `${padded.slice(0, -scale)}.${padded.slice(-scale)}`;
}

function trimFraction(text: string): string {
  let end = text.length;
  while (text.charCodeAt(end - 1) === 48) end -= 1;
  if (text.charCodeAt(end - 1) === 46) end -= 1;
  return text.slice(0, end);
}
