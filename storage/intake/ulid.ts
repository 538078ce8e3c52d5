import { createHash, randomBytes } from 'node:crypto';

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const TIME_CHARS = 10;
const RANDOM_CHARS = 16;
const RANDOM_BYTES = 10;

function encodeTime(ms: number): string {
  let text = '';
  let left = ms;
  for (let i = 0; i < TIME_CHARS; i++) {
    text = ALPHABET.charAt(left % 32) + text;
    left = Math.floor(left / 32);
  }
  return text;
}

function encodeRandom(bytes: Uint8Array): string {
  let value = 0n;
  for (const byte of bytes.subarray(0, RANDOM_BYTES)) value = (value << 8n) | BigInt(byte);
  let text = '';
  for (let i = 0; i < RANDOM_CHARS; i++) {
    text = ALPHABET.charAt(Number(value & 31n)) + text;
    value >>= 5n;
  }
  return text;
}

function increment(bytes: Uint8Array): void {
  for (let i = bytes.length - 1; i >= 0; i--) {
    const next = (bytes[i] ?? 0) + 1;
    bytes[i] = next & 255;
    if (next < 256) return;
  }
}

/** Makes ULIDs that ascend within this process, whatever its clock does. `now` is in milliseconds. */
export function createUlids(now: () => number): () => string {
  let last = 0;
  let random: Uint8Array = randomBytes(RANDOM_BYTES);
  return () => {
    const ms = now();
    if (ms > last) {
      last = ms;
      random = randomBytes(RANDOM_BYTES);
      // Room to count up within the millisecond.
      random[0] = (random[0] ?? 0) & 127;
    } else {
      increment(random);
    }
    return encodeTime(last) + encodeRandom(random);
  };
}

/** The one ULID that follows from a time and a text. */
export function derivedUlid(ms: number, text: string): string {
  return encodeTime(ms) + encodeRandom(createHash('sha256').update(text).digest());
}
