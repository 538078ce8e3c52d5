import { decodeJson, encodeJson } from '../json.ts';
import type { Item, Key, Storage } from '../ports.ts';
import { open, seal } from '../vault/seal.ts';
import type { Vault } from '../vault/types.ts';

const SCHEMA = 1;

/** What the stores of linkage stand on. `now` is in milliseconds. */
export interface LinkageOptions {
  readonly tenant: string;
  readonly storage: Pick<Storage, 'log' | 'blobs' | 'master'>;
  readonly vault: Pick<Vault, 'tenantSealKey'>;
  readonly now?: () => number;
}

/** Seals and opens under the tenant's key for linkage; what is sealed opens only where it stands. */
export interface LinkageSeal {
  item(key: Key, version: number, document: unknown): Promise<Item>;
  document<T>(item: Item): Promise<T>;
  /** `compress` is worth its time for text, not for keyed hashes. */
  sealBytes(place: string, bytes: Uint8Array, compress?: boolean): Promise<Uint8Array>;
  openBytes(place: string, sealed: Uint8Array): Promise<Uint8Array>;
}

/** The seal of everything that linkage stores. */
export function linkageSeal(options: Pick<LinkageOptions, 'tenant' | 'vault'>): LinkageSeal {
  const { tenant, vault } = options;
  const aad = (place: string): string => `${tenant}|linkage|${place}|${String(SCHEMA)}`;
  const sealBytes = async (place: string, bytes: Uint8Array, compress = true): Promise<Uint8Array> =>
    seal(await vault.tenantSealKey('linkage'), bytes, aad(place), { compress });
  const openBytes = async (place: string, sealed: Uint8Array): Promise<Uint8Array> =>
    open(await vault.tenantSealKey('linkage'), sealed, aad(place));
  return {
    sealBytes,
    openBytes,
    item: async (key, version, document) => ({
      ...key,
      version,
      value: await sealBytes(`${key.pk}/${key.sk}`, encodeJson(document)),
    }),
    async document<T>(item: Item): Promise<T> {
      return decodeJson<T>(await openBytes(`${item.pk}/${item.sk}`, item.value));
    },
  };
}
