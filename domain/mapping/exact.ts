import type { JsonValue } from '../json.ts';
import { toDecimal } from '../profile/decimal.ts';

/** A number where its shortest text is the decimal, and the decimal's text where a number would round it. */
export function exactValue(text: string): JsonValue {
  const number = Number(text);
  return toDecimal(number) === text ? number : text;
}
