import { ConditionFailed, KeyGone } from '../errors.ts';
import type { Keys, Table } from '../ports.ts';
import { steadyClock } from '../steady-clock.ts';
import type { SealKey } from './seal.ts';

/** How long an unwrapped key may stay in memory: what erasure waits out after destroying one. */
export const KEY_LIFETIME_MS = 60_000;

/** What stored master-wrapped keys are kept with and under. `now` is in milliseconds. */
export interface StoredKeysOptions {
  readonly tenant: string;
  readonly table: Table;
  readonly master: Keys;
  readonly now: () => number;
}

/** Keys wrapped by the master key and stored under a name, each created once. */
export interface StoredKeys {
  /** Throws `KeyGone` where the key was destroyed, `StoreUnavailable`. */
  get(name: string): Promise<SealKey | undefined>;
  ensure(name: string): Promise<SealKey>;
}

/** Keys of this kind are few: one for each purpose of the tenant and each month of fragments. */
export function createStoredKeys(options: StoredKeysOptions): StoredKeys {
  const { tenant, table, master, now } = options;
  const clock = steadyClock(now);
  const cache = new Map<string, { readonly until: number; readonly key: Promise<SealKey | undefined> }>();

  async function read(name: string): Promise<SealKey | undefined> {
    const item = await table.get({ pk: name, sk: 'key' });
    if (item === undefined) return undefined;
    if (item.value.length <= 4) throw new KeyGone(`the stored key ${name} is damaged`);
    const bytes = await master.unwrap(item.value.subarray(4), `${tenant}|${name}`);
    return { bytes, tag: Uint8Array.from(item.value.subarray(0, 4)) };
  }

  async function create(name: string): Promise<SealKey> {
    const made = await master.generate(`${tenant}|${name}`);
    // The tag is public; a part of the wrapped key's end is as random as any other four bytes.
    const tag = Uint8Array.from(made.wrapped.subarray(-4));
    const value = Buffer.concat([tag, made.wrapped]);
    try {
      await table.write([{ kind: 'put', pk: name, sk: 'key', version: 1, value, expect: 'absent' }]);
      return { bytes: made.plaintext, tag };
    } catch (error) {
      if (!(error instanceof ConditionFailed)) throw error;
      const stored = await read(name);
      if (stored === undefined) throw new KeyGone(`the stored key ${name} went while it was read`);
      return stored;
    }
  }

  function cached(name: string, load: () => Promise<SealKey | undefined>): Promise<SealKey | undefined> {
    const entry = cache.get(name);
    if (entry !== undefined && entry.until > clock()) return entry.key;
    const key = load();
    cache.set(name, { until: clock() + KEY_LIFETIME_MS, key });
    const forget = (): void => {
      if (cache.get(name)?.key === key) cache.delete(name);
    };
    key.then((found) => {
      if (found === undefined) forget();
    }, forget);
    return key;
  }

  return {
    get: (name) => cached(name, () => read(name)),
    ensure: async (name) => {
      const key = (await cached(name, () => read(name))) ?? (await cached(name, () => create(name)));
      return key ?? create(name);
    },
  };
}

/** The name of the key that wraps the fragments' keys made in the month of `nowMs`; months rotate so that old backups die. */
export function epochOf(nowMs: number): string {
  return new Date(nowMs).toISOString().slice(0, 7);
}
