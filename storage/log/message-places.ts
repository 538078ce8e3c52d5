import type { Key } from '../ports.ts';
import type { MessageRef } from './types.ts';

/** Rows of one file that stand side by side, some two pages of an embedded table. */
const ROWS_TOGETHER = 64;
/** The id of a message that is known by its file's digest and its row; see `fallbackMessageId`. */
const FILE_ROW = /^([A-Za-z0-9_-]{22})-(0|[1-9]\d{0,11})$/;
/** An id that ends in a number, and not in letters and digits that may be a hash. */
const NUMBERED = /(?<![0-9a-fA-F])\d{3,}$/;
/** The end of a UUID, whose last group may be digits alone. */
const UUID_END = /-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
/** Digits at the end of a number by which ids that are side by side differ. */
const DIGITS_TOGETHER = 2;
/** Milliseconds since 1970 before something else, as in the ids of Segment's libraries. */
const TIMED = /(?<!\d)1\d{12}(?!\d)/;
const UUID_CHARS = 36;
const UUID_MOMENT_CHARS = 11;
/** ULID: ten characters of time, sixteen of chance (https://github.com/ulid/spec). */
const ULID = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/;
const ULID_MOMENT_CHARS = 8;
/** Characters of the hash of what ids share: enough to tell moments apart, for the whole id's hash is in the key too. */
const MOMENT_CHARS = 8;
const MESSAGE_SK = 'm';

/** Whether the id is written as a UUID (RFC 9562); its version is its fifteenth character. */
function isUuid(id: string): boolean {
  return id.length === UUID_CHARS && id[8] === '-' && id[13] === '-' && id[18] === '-' && id[23] === '-';
}

/**
 * What an id shares with those that were made in the same moment: a quarter of a second by a UUID of version 7, a second by a
 * ULID, a tenth by the milliseconds in it; undefined where it tells no time.
 */
function momentOf(id: string): string | undefined {
  if (isUuid(id)) return id[14] === '7' ? id.slice(0, UUID_MOMENT_CHARS) : undefined;
  if (ULID.test(id)) return id.slice(0, ULID_MOMENT_CHARS);
  const digits = TIMED.exec(id);
  return digits === null ? undefined : id.slice(0, digits.index + digits[0].length - DIGITS_TOGETHER);
}

/** Whether the id ends in a number that counts, and not in digits that chance has put at the end of a UUID or a ULID. */
function isNumbered(id: string): boolean {
  return NUMBERED.test(id) && !UUID_END.test(id) && !ULID.test(id);
}

/**
 * Where the entry of a message stands in the message index. A write to a random place costs an embedded table a page, a write
 * beside the last one next to nothing: ids that say in which order or when they were made lie together by that, all others
 * scattered by their hash. Whatever an id seems to say, no two have one place, and only the last two digits of a number and the
 * low bits of a row stand in clear. `keyed` is a keyed hash of 22 characters.
 */
export function messagePlaces(keyed: (text: string) => string): (message: MessageRef) => Key {
  // Neighbours come one after the other: what they share is hashed once.
  let shared = { text: '', hash: '' };
  function hashOf(text: string): string {
    if (shared.text !== text) shared = { text, hash: keyed(text) };
    return shared.hash;
  }
  return ({ source, messageId: id }) => {
    const [, file, row] = FILE_ROW.exec(id) ?? [];
    if (file !== undefined && row !== undefined) {
      const block = Math.floor(Number(row) / ROWS_TOGETHER);
      return { pk: `m/${source}/${hashOf(`${file}-${block}`)}`, sk: String(Number(row) % ROWS_TOGETHER) };
    }
    if (isNumbered(id)) {
      const at = id.length - DIGITS_TOGETHER;
      return { pk: `m/${source}/${hashOf(`numbered\n${id.slice(0, at)}`)}`, sk: `n${id.slice(at)}` };
    }
    const hash = keyed(id);
    const moment = momentOf(id);
    if (moment === undefined) return { pk: `m/${source}/${hash}`, sk: MESSAGE_SK };
    // A partition of DynamoDB takes a thousand writes a second: those of a moment are spread by the first character of their hash.
    const at = hashOf(`timed\n${moment}`).slice(0, MOMENT_CHARS);
    return { pk: `m/${source}/${at}/${hash.slice(0, 1)}`, sk: hash.slice(1) };
  };
}
