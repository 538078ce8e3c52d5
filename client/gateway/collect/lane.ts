import type { JsonValue } from '../../../domain/json.ts';

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/**
 * The lane of an item, by its strongest raw id, so that one person's events seldom meet in two pumps. Only a hint:
 * two lanes that do meet at a fragment are told apart by its version.
 */
export function laneOf(item: JsonValue, lanes: number): number {
  if (lanes <= 1) return 0;
  return hash(strongestId(item)) % lanes;
}

/** The lane of an item in a vendor's own form, whose ids nobody has read yet: by its text. */
export function laneOfText(text: string, lanes: number): number {
  return lanes <= 1 ? 0 : hash(text) % lanes;
}

function strongestId(item: JsonValue): string {
  if (item === null || typeof item !== 'object' || Array.isArray(item)) return '';
  for (const name of ['userId', 'anonymousId', 'previousId', 'messageId']) {
    const value = item[name];
    if (typeof value === 'string' && value !== '') return value;
    if (typeof value === 'number') return String(value);
  }
  return '';
}

function hash(text: string): number {
  let value = FNV_OFFSET;
  for (let at = 0; at < text.length; at++) {
    value = Math.imul(value ^ text.charCodeAt(at), FNV_PRIME);
  }
  return value >>> 0;
}
