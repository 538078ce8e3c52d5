import { hash } from 'node:crypto';
import type { FragmentId, Identifier } from '../../domain/identity/identifier.ts';
import { keyedHash } from '../keyed-hash.ts';
import { createLru } from '../lru.ts';
import type { Key, Keys } from '../ports.ts';
import type { MessageRef } from './types.ts';

/** Addresses kept in memory, about 200 bytes each. */
const CACHED_ADDRESSES_MAX = 120_000;
/** Message keys kept between a message's look-up and its claim: a few units of work. */
const CACHED_MESSAGES_MAX = 32_000;

type KeyedHash = (text: string) => string;

/** The keyed hashes that the log names things by. */
export interface IndexKeys {
  /** The blind index of an identifier. Its value is hashed first, so that one that arrives hashed has the same address. */
  address(identifier: Identifier): FragmentId;
  digest(canonical: string): string;
  /** Where a message's entry in the message index stands. */
  messageKey(message: MessageRef): Key;
}

/** Rows of one file that stand side by side in the message index, some two pages of it. */
const ROWS_TOGETHER = 64;
/** The id of a message that is known by its file's digest and its row; see `fallbackMessageId`. */
const FILE_ROW = /^([A-Za-z0-9_-]{22})-(0|[1-9]\d{0,11})$/;
const MESSAGE_SK = 'm';

/**
 * Where a message's entry stands. Ids are hashed and so lie scattered; rows of a file stand together by the row's number, for
 * an import writes them in their order. No two ids have one place.
 */
function placing(keyed: KeyedHash): (message: MessageRef) => Key {
  let together = { name: '', hash: '' };
  return ({ source, messageId }) => {
    const [, file, digits] = FILE_ROW.exec(messageId) ?? [];
    if (file === undefined || digits === undefined)
      return { pk: `m/${source}/${keyed(messageId)}`, sk: MESSAGE_SK };
    const row = Number(digits);
    const name = `${file}-${Math.floor(row / ROWS_TOGETHER)}`;
    // Rows come in their order: those that stand together are hashed once.
    if (name !== together.name) together = { name, hash: keyed(name) };
    return { pk: `m/${source}/${together.hash}`, sk: String(row % ROWS_TOGETHER) };
  };
}

/** Reads the tenant's index keys. Throws `StoreUnavailable`. */
export async function openIndexKeys(master: Keys, now: () => number): Promise<IndexKeys> {
  const purposes = ['address', 'digest', 'message'] as const;
  const keys = await Promise.all(purposes.map((purpose) => master.indexKey(purpose)));
  const [addressHash, digestHash, messageHash] = keys.map(keyedHash) as [KeyedHash, KeyedHash, KeyedHash];
  const placeOf = placing(messageHash);
  const addresses = createLru<FragmentId>({ max: CACHED_ADDRESSES_MAX, ttlMs: Infinity, now });
  const messages = createLru<Key>({ max: CACHED_MESSAGES_MAX, ttlMs: Infinity, now });
  return {
    address(identifier) {
      const name = `${identifier.type}:${identifier.value}`;
      const cached = addresses.get(name);
      if (cached !== undefined) return cached;
      const address = addressHash(`${identifier.type}:${hash('sha256', identifier.value)}`);
      addresses.set(name, address);
      return address;
    },
    digest: digestHash,
    messageKey(message) {
      const name = `${message.source}/${message.messageId}`;
      const cached = messages.get(name);
      if (cached !== undefined) return cached;
      const key = placeOf(message);
      messages.set(name, key);
      return key;
    },
  };
}
