import { createHmac, hash } from 'node:crypto';
import type { FragmentId, Identifier } from '../../domain/identity/identifier.ts';
import { createLru } from '../lru.ts';
import type { Key, Keys } from '../ports.ts';
import type { MessageRef } from './types.ts';

/** Bytes kept of a keyed hash: 128 bits, far from any collision among a tenant's identifiers. */
const HASH_BYTES = 16;
/** Addresses kept in memory, about 200 bytes each. */
const CACHED_ADDRESSES_MAX = 50_000;
/** Message keys kept between a message's look-up and its claim: a few units of work. */
const CACHED_MESSAGES_MAX = 8_000;

/** The keyed hashes that the log names things by. */
export interface IndexKeys {
  /** The blind index of an identifier. Its value is hashed first, so that one that arrives hashed has the same address. */
  address(identifier: Identifier): FragmentId;
  digest(canonical: string): string;
  /** Where a message's entry in the message index stands. */
  messageKey(message: MessageRef): Key;
}

function keyed(key: Uint8Array, text: string): string {
  return createHmac('sha256', key).update(text).digest().subarray(0, HASH_BYTES).toString('base64url');
}

/** Reads the tenant's index keys. Throws `StoreUnavailable`. */
export async function openIndexKeys(master: Keys, now: () => number): Promise<IndexKeys> {
  const [addressKey, digestKey, messageKey] = await Promise.all([
    master.indexKey('address'),
    master.indexKey('digest'),
    master.indexKey('message'),
  ]);
  const addresses = createLru<FragmentId>({ max: CACHED_ADDRESSES_MAX, ttlMs: Infinity, now });
  const messages = createLru<Key>({ max: CACHED_MESSAGES_MAX, ttlMs: Infinity, now });
  return {
    address(identifier) {
      const name = `${identifier.type}:${identifier.value}`;
      const cached = addresses.get(name);
      if (cached !== undefined) return cached;
      const address = keyed(addressKey, `${identifier.type}:${hash('sha256', identifier.value)}`);
      addresses.set(name, address);
      return address;
    },
    digest: (canonical) => keyed(digestKey, canonical),
    messageKey({ source, messageId }) {
      const name = `${source}/${messageId}`;
      const cached = messages.get(name);
      if (cached !== undefined) return cached;
      const key = { pk: `m/${source}/${keyed(messageKey, messageId)}`, sk: 'm' };
      messages.set(name, key);
      return key;
    },
  };
}
