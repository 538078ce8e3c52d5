import { createLru } from '../lru.ts';
import type { Lru, LruOptions } from '../lru.ts';
import { createTicks } from '../ticks.ts';
import type { FragmentKey } from './types.ts';

const KEY_BYTES = 32;
const TAG_BYTES = 4;
const UNTIL_AT = KEY_BYTES + TAG_BYTES;
const SUBJECT_AT = UNTIL_AT + 4;

/** Key, tag and the tick in which it is forgotten, byte by byte, then the subject, which is base64url. */
function pack({ bytes, tag, subject }: FragmentKey, until: number): string {
  const packed = Buffer.allocUnsafe(SUBJECT_AT + subject.length);
  packed.set(bytes);
  packed.set(tag, KEY_BYTES);
  packed.writeInt32LE(until, UNTIL_AT);
  packed.write(subject, SUBJECT_AT, 'latin1');
  return packed.toString('latin1');
}

function unpack(packed: string): FragmentKey & { readonly until: number } {
  const head = Buffer.allocUnsafe(SUBJECT_AT);
  head.write(packed, 0, SUBJECT_AT, 'latin1');
  return {
    bytes: head.subarray(0, KEY_BYTES),
    tag: head.subarray(KEY_BYTES, UNTIL_AT),
    subject: packed.slice(SUBJECT_AT),
    until: head.readInt32LE(UNTIL_AT),
  };
}

/**
 * A cache of keys, each one short text: two arrays of bytes and objects around them are half a kilobyte on V8's heap, through
 * which each collection looks; a text is a sixth of that in one piece.
 */
export function createKeyCache({ max, ttlMs, now }: LruOptions): Lru<FragmentKey> {
  const packed = createLru<string>({ max, ttlMs: Infinity, now });
  const ticks = createTicks(now);
  return {
    get(fragment) {
      const text = packed.get(fragment);
      if (text === undefined) return undefined;
      const key = unpack(text);
      if (key.until > ticks.now()) return key;
      packed.delete(fragment);
      return undefined;
    },
    set(fragment, key) {
      packed.set(fragment, pack(key, ticks.after(ttlMs)));
    },
    delete(fragment) {
      packed.delete(fragment);
    },
    clear() {
      packed.clear();
    },
  };
}
