import { ConditionFailed } from '../errors.ts';
import { decodeJson, encodeJson } from '../json.ts';
import { decodeCursor, encodeCursor, pageLimit } from '../page.ts';
import type { Item, Key, Storage } from '../ports.ts';
import type { Page, PageOptions } from '../intake/types.ts';
import { open, seal } from '../vault/seal.ts';
import type { Vault } from '../vault/types.ts';

/** What the stores of imports stand on. */
export interface ImportStoreOptions {
  readonly tenant: string;
  readonly storage: Pick<Storage, 'intake' | 'master'>;
  readonly vault: Pick<Vault, 'tenantSealKey'>;
}

/** Values of imports in the intake table, each sealed under the tenant's intake key and bound to where it stands. */
export interface SealedValues {
  get<T>(key: Key): Promise<T | undefined>;
  getMany<T>(keys: readonly Key[]): Promise<(T | undefined)[]>;
  /** With `expiresAt` (epoch seconds) it goes by itself. */
  put(key: Key, value: unknown, expiresAt?: number): Promise<void>;
  /** Writes all or nothing, where the first key holds nothing yet; answers whether it was so. */
  putNew(entries: readonly (readonly [Key, unknown])[]): Promise<boolean>;
  /** Values of a partition, highest key first. Throws `InvalidCursor`. */
  newest<T>(pk: string, options?: PageOptions): Promise<Page<T>>;
}

/** Opens the tenant's sealed values. */
export function sealedValues({ tenant, storage, vault }: ImportStoreOptions): SealedValues {
  const table = storage.intake;
  const aad = (key: Key): string => `${tenant}|import|${key.pk}/${key.sk}|1`;

  async function encode(key: Key, value: unknown): Promise<Item> {
    const sealed = seal(await vault.tenantSealKey('intake'), encodeJson(value), aad(key), { compress: true });
    return { ...key, version: 1, value: sealed };
  }

  async function decode<T>(item: Item): Promise<T> {
    return decodeJson<T>(open(await vault.tenantSealKey('intake'), item.value, aad(item)));
  }

  return {
    async get<T>(key: Key): Promise<T | undefined> {
      const item = await table.get(key);
      return item === undefined ? undefined : decode<T>(item);
    },
    async getMany<T>(keys: readonly Key[]): Promise<(T | undefined)[]> {
      const items = await table.getMany(keys);
      return Promise.all(items.map(async (item) => (item === undefined ? undefined : decode<T>(item))));
    },
    async put(key, value, expiresAt) {
      const expires = expiresAt === undefined ? {} : { expiresAt };
      await table.write([{ kind: 'put', ...(await encode(key, value)), ...expires }]);
    },
    async putNew(entries) {
      const items = await Promise.all(entries.map(([key, value]) => encode(key, value)));
      try {
        await table.write(
          items.map((item, at) => ({
            kind: 'put',
            ...(at === 0 ? { expect: 'absent' as const } : {}),
            ...item,
          })),
        );
        return true;
      } catch (error) {
        if (!(error instanceof ConditionFailed)) throw error;
        return false;
      }
    },
    async newest<T>(pk: string, options: PageOptions = {}): Promise<Page<T>> {
      const limit = pageLimit(options.limit);
      const [after] = options.cursor === undefined ? [] : decodeCursor(options.cursor, 1);
      const range = { pk, reverse: true, limit: limit + 1, ...(after === undefined ? {} : { after }) };
      const found = await table.query(range);
      const page = found.slice(0, limit);
      const last = page.at(-1);
      return {
        items: await Promise.all(page.map((item) => decode<T>(item))),
        cursor: last === undefined || found.length <= limit ? null : encodeCursor([last.sk]),
      };
    },
  };
}
