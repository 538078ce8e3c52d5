import { createLru } from '../lru.ts';
import type { Lru, LruOptions } from '../lru.ts';
import type { FragmentKey } from './types.ts';

const KEY_BYTES = 32;
const TAG_BYTES = 4;

/** Key and tag, byte by byte, then the subject. */
function pack({ bytes, tag, subject }: FragmentKey): string {
  const packed = Buffer.allocUnsafe(KEY_BYTES + TAG_BYTES);
  packed.set(bytes);
  packed.set(tag, KEY_BYTES);
  return packed.toString('latin1') + subject;
}

function unpack(packed: string): FragmentKey {
  const both = Buffer.allocUnsafe(KEY_BYTES + TAG_BYTES);
  both.write(packed, 0, KEY_BYTES + TAG_BYTES, 'latin1');
  return {
    bytes: both.subarray(0, KEY_BYTES),
    tag: both.subarray(KEY_BYTES),
    subject: packed.slice(KEY_BYTES + TAG_BYTES),
  };
}

/**
 * A cache of keys, each one short text: two arrays of bytes and an object are half a kilobyte on V8's heap, through which each
 * collection looks; a text is a fifth of that in one piece.
 */
export function createKeyCache(options: LruOptions): Lru<FragmentKey> {
  const packed = createLru<string>(options);
  return {
    get(fragment) {
      const key = packed.get(fragment);
      return key === undefined ? undefined : unpack(key);
    },
    set(fragment, key) {
      packed.set(fragment, pack(key));
    },
    delete(fragment) {
      packed.delete(fragment);
    },
    clear() {
      packed.clear();
    },
  };
}
