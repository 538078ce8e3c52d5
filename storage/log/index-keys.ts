import { hash } from 'node:crypto';
import type { FragmentId, Identifier } from '../../domain/identity/identifier.ts';
import { keyedHash } from '../keyed-hash.ts';
import { createLru } from '../lru.ts';
import type { Key, Keys } from '../ports.ts';
import { messagePlaces } from './message-places.ts';
import type { MessageRef } from './types.ts';

/** Addresses kept in memory, about 200 bytes each. */
const CACHED_ADDRESSES_MAX = 120_000;

type KeyedHash = (text: string) => string;

/** The same text by itself: V8 keeps a part of a longer text, as a cut hash is, as a view of the whole. */
function inOnePiece(latin1: string): string {
  return Buffer.from(latin1, 'latin1').toString('latin1');
}

/** The keyed hashes that the log names things by. */
export interface IndexKeys {
  /** The blind index of an identifier. Its value is hashed first, so that one that arrives hashed has the same address. */
  address(identifier: Identifier): FragmentId;
  digest(canonical: string): string;
  /** Where a message's entry in the message index stands. */
  messageKey(message: MessageRef): Key;
}

/** Reads the tenant's index keys. Throws `StoreUnavailable`. */
export async function openIndexKeys(master: Keys, now: () => number): Promise<IndexKeys> {
  const purposes = ['address', 'digest', 'message'] as const;
  const keys = await Promise.all(purposes.map((purpose) => master.indexKey(purpose)));
  const [addressHash, digestHash, messageHash] = keys.map(keyedHash) as [KeyedHash, KeyedHash, KeyedHash];
  const addresses = createLru<FragmentId>({ max: CACHED_ADDRESSES_MAX, ttlMs: Infinity, now });
  return {
    address(identifier) {
      const name = `${identifier.type}:${identifier.value}`;
      const cached = addresses.get(name);
      if (cached !== undefined) return cached;
      const address = inOnePiece(addressHash(`${identifier.type}:${hash('sha256', identifier.value)}`));
      addresses.set(name, address);
      return address;
    },
    digest: digestHash,
    messageKey: messagePlaces(messageHash),
  };
}
