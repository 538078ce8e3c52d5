import { addDecimals, multiplyDecimals, shiftDecimal, toDecimal } from '../profile/decimal.ts';
import { exactValue } from './exact.ts';
import type { Read, Reader } from './value.ts';

/** Digits after the point by ISO 4217, where they are not two. */
const MINOR_DIGITS: Readonly<Record<string, number>> = {
  ...{ BIF: 0, CLP: 0, DJF: 0, GNF: 0, ISK: 0, JPY: 0, KMF: 0, KRW: 0, PYG: 0, RWF: 0, UGX: 0 },
  ...{ UYI: 0, VND: 0, VUV: 0, XAF: 0, XOF: 0, XPF: 0, BHD: 3, IQD: 3, JOD: 3, KWD: 3, LYD: 3 },
  ...{ OMR: 3, TND: 3, CLF: 4, UYW: 4 },
};
const CURRENCY = /^[A-Z]{3}$/;

/** The exact sum of what the readers answer, lists element by element. */
export function sumOf(readers: readonly Reader[]): Reader {
  return fold(readers, true, addDecimals);
}

/** The first value less the others; absent where the first is. */
export function differenceOf(readers: readonly Reader[]): Reader {
  const [first, ...rest] = readers;
  if (first === undefined) return () => ({ value: undefined });
  const others = sumOf(rest);
  return (scope) => {
    const from = first(scope);
    if ('error' in from || from.value === undefined) return from;
    const less = others(scope);
    if ('error' in less) return less;
    if (less.value === undefined) return from;
    const a = toDecimal(from.value);
    const b = toDecimal(less.value);
    if (a === undefined || b === undefined) return NO_DECIMAL;
    return { value: exactValue(addDecimals(a, multiplyDecimals(b, '-1'))) };
  };
}

/** The exact product; absent where any factor is. */
export function productOf(readers: readonly Reader[]): Reader {
  return fold(readers, false, multiplyDecimals);
}

/** An amount in minor units as a decimal of its currency. */
export function fromMinorUnits(amount: Reader, currency: Reader): Reader {
  return (scope) => {
    const units = amount(scope);
    if ('error' in units || units.value === undefined) return units;
    const code = currency(scope);
    if ('error' in code) return code;
    const text = toDecimal(units.value);
    if (text === undefined || text.includes('.')) return { error: 'expected a whole number of minor units' };
    if (typeof code.value !== 'string' || !CURRENCY.test(code.value)) {
      return { error: 'expected a currency of three capital letters' };
    }
    return { value: exactValue(shiftDecimal(text, MINOR_DIGITS[code.value] ?? 2)) };
  };
}

const NO_DECIMAL: Read = {
  error: 'expected decimals, with a point and without signs for thousands or money',
};

function fold(
  readers: readonly Reader[],
  skipsAbsent: boolean,
  join: (a: string, b: string) => string,
): Reader {
  return (scope) => {
    let total: string | undefined;
    for (const reader of readers) {
      const read = reader(scope);
      if ('error' in read) return read;
      if (read.value === undefined) {
        if (skipsAbsent) continue;
        return read;
      }
      for (const value of Array.isArray(read.value) ? read.value : [read.value]) {
        const text = toDecimal(value);
        if (text === undefined) return NO_DECIMAL;
        total = total === undefined ? text : join(total, text);
      }
    }
    return { value: total === undefined ? undefined : exactValue(total) };
  };
}
