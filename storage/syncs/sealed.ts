import type { IntakeSeal } from '../intake/context.ts';
import { decodeJson, encodeJson } from '../json.ts';
import type { Item, Key, Table, WriteOp } from '../ports.ts';
import type { Versioned } from './types.ts';

/** Sealed values under keys of a table. */
export interface Sealed {
  get<T>(key: Key): Promise<Versioned<T>>;
  /** The value that an item of this table holds. */

  read<T>(item: Item): Promise<T>;
  /** A write of the version after the one that was read. */
  op(key: Key, value: unknown, version: number): Promise<WriteOp>;
}

/** Values of syncs, sealed under the tenant's intake key. */
export function sealedIn(table: Table, seal: IntakeSeal): Sealed {
  const nameOf = ({ pk, sk }: Key): string => `${pk}/${sk}`;
  const read = async <T>(item: Item): Promise<T> => decodeJson<T>(await seal.open(nameOf(item), item.value));
  return {
    read,
    async get<T>(key: Key) {
      const item = await table.get(key);
      return item === undefined
        ? { value: undefined, version: 0 }
        : { value: await read<T>(item), version: item.version };
    },
    async op(key, value, version) {
      const sealed = await seal.seal(nameOf(key), encodeJson(value), { compress: true });
      return {
        kind: 'put',
        ...key,
        version: version + 1,
        value: sealed,
        expect: version === 0 ? 'absent' : version,
      };
    },
  };
}
