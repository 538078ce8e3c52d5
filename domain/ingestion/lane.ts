import type { JsonValue } from '../json.ts';

/** Where a message of the Segment spec says whose it is, strongest first; its own id where nothing does. */
export const SEGMENT_IDS = ['userId', 'anonymousId', 'previousId', 'messageId'] as const;

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

/**
 * The lane of a record in a source's own form, as JSON text: by the value of the first of the named members that has one,
 * wherever in the text it stands, since to parse it would cost more than all else that is done with it here.
 */
export function laneOfRecord(text: string, members: readonly string[], lanes: number): number {
  if (lanes <= 1) return 0;
  for (const member of members) {
    const value = scalarAfter(text, `"${member}"`);
    if (value !== '') return hash(value) % lanes;
  }
  return laneOfText(text, lanes);
}

const SCALAR = /\s*:\s*(?:"((?:[^"\\]|\\.)*)"|([^\s"{}[\],]+))/y;

/** The text of the string or number that follows the name of a member; empty where there is none. */
function scalarAfter(text: string, name: string): string {
  const at = text.indexOf(name);
  if (at < 0) return '';
  SCALAR.lastIndex = at + name.length;
  const [, quoted, plain] = SCALAR.exec(text) ?? [];
  return quoted?.trim() ?? (plain === 'null' || plain === undefined ? '' : plain);
}

function strongestId(item: JsonValue): string {
  if (item === null || typeof item !== 'object' || Array.isArray(item)) return '';
  for (const name of SEGMENT_IDS) {
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
