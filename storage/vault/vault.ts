import type { FragmentId } from '../../domain/identity/identifier.ts';
import { KeyGone } from '../errors.ts';
import type { Storage } from '../ports.ts';
import { createStoredKeys, KEY_LIFETIME_MS } from './epochs.ts';
import type { StoredFragmentKey } from './fragment-keys.ts';
import { createFragmentKeys } from './fragment-keys.ts';
import { createKeyCache } from './key-cache.ts';
import type { FragmentKey, Vault } from './types.ts';

/** Unwrapped fragment keys kept in memory, about 200 bytes each. */
const CACHED_KEYS_MAX = 120_000;
/** Rounds of creating and adopting before giving up; each needs another writer to have won meanwhile. */
const ENSURE_ROUNDS_MAX = 20;

/** What a vault stands on. `now` is in milliseconds; the system's clock where silent. */
export interface VaultOptions {
  readonly tenant: string;
  readonly storage: Pick<Storage, 'keys' | 'master'>;
  readonly now?: () => number;
}

/** Opens a tenant's keys. */
export function createVault(options: VaultOptions): Vault {
  const { tenant, storage } = options;
  const now = options.now ?? Date.now;
  const table = storage.keys;
  const stored = createStoredKeys({ tenant, table, master: storage.master, now });
  const fragmentKeys = createFragmentKeys({ tenant, table, stored, now });
  const cache = createKeyCache({ max: CACHED_KEYS_MAX, ttlMs: KEY_LIFETIME_MS, now });

  async function fetch(fragments: readonly FragmentId[]): Promise<(StoredFragmentKey | undefined)[]> {
    const found = await fragmentKeys.read(fragments);
    for (const [i, fragment] of fragments.entries()) {
      const key = found[i]?.key;
      if (key !== undefined) cache.set(fragment, key);
    }
    return found;
  }

  async function keys(fragments: readonly FragmentId[]): Promise<(FragmentKey | undefined)[]> {
    const known = fragments.map((fragment) => cache.get(fragment));
    const missing = [...new Set(fragments.filter((_, i) => known[i] === undefined))];
    if (missing.length === 0) return known;
    const found = await fetch(missing);
    const read = new Map(missing.map((fragment, i) => [fragment, found[i]?.key]));
    return fragments.map((fragment, i) => known[i] ?? read.get(fragment));
  }

  async function ensureKeys(fragments: readonly FragmentId[]): Promise<FragmentKey[]> {
    const known = new Map<FragmentId, FragmentKey>();
    let wanted = new Map<FragmentId, number>();
    for (const fragment of fragments) {
      const key = cache.get(fragment);
      if (key === undefined) wanted.set(fragment, 0);
      else known.set(fragment, key);
    }
    for (let round = 0; wanted.size > 0; round++) {
      if (round === ENSURE_ROUNDS_MAX)
        throw new KeyGone('fragment keys kept being replaced while they were created');
      for (const [fragment, key] of await fragmentKeys.create(wanted)) {
        cache.set(fragment, key);
        known.set(fragment, key);
        wanted.delete(fragment);
      }
      const left = [...wanted.keys()];
      wanted = new Map();
      const found = left.length === 0 ? [] : await fetch(left);
      for (const [i, fragment] of left.entries()) {
        const key = found[i]?.key;
        if (key === undefined) wanted.set(fragment, found[i]?.version ?? 0);
        else known.set(fragment, key);
      }
    }
    return fragments.map((fragment) => {
      const key = known.get(fragment);
      if (key === undefined) throw new KeyGone('a fragment key is missing after its creation');
      return key;
    });
  }

  const tenantSealKey: Vault['tenantSealKey'] = (purpose) => stored.ensure(`t/${purpose}`);
  return {
    keys,
    ensureKeys,
    evict: (fragment) => {
      cache.delete(fragment);
    },
    tenantSealKey,
    tenantKey: async (purpose) => (await tenantSealKey(purpose)).bytes,
  };
}
