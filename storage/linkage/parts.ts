import { decodeJson, encodeJson } from '../json.ts';
import type { Blobs } from '../ports.ts';
import type { LinkageSeal } from './context.ts';

/** Bytes of one part before sealing: small enough to be sealed and opened without holding a process up. */
const PART_BYTES = 8_000_000;
const PART_DIGITS = 6;

/** Sealed objects of any size in `Blobs`, each in parts; one is there once its last part and then its end were written. */
export interface Parts {
  /** A second writer of the same name changes nothing where the first one finished. */
  put(name: string, bytes: Uint8Array): Promise<void>;
  get(name: string): Promise<Uint8Array | undefined>;
  has(name: string): Promise<boolean>;
  /** Removes every object whose name starts with `prefix`. */
  remove(prefix: string): Promise<void>;
}

const partKey = (name: string, part: number): string => `${name}/${String(part).padStart(PART_DIGITS, '0')}`;
const endKey = (name: string): string => `${name}/end`;

/** Keeps parts under the keys `<name>/<part>` and `<name>/end`. */
export function createParts(blobs: Blobs, sealer: LinkageSeal): Parts {
  async function read(key: string): Promise<Uint8Array | undefined> {
    const sealed = await blobs.get(key);
    return sealed === undefined ? undefined : sealer.openBytes(key, sealed);
  }
  return {
    async put(name, bytes) {
      if ((await blobs.get(endKey(name))) !== undefined) return;
      const count = Math.max(1, Math.ceil(bytes.length / PART_BYTES));
      for (let part = 0; part < count; part++) {
        const key = partKey(name, part);
        const slice = bytes.subarray(part * PART_BYTES, (part + 1) * PART_BYTES);
        await blobs.put(key, await sealer.sealBytes(key, slice));
      }
      await blobs.put(endKey(name), await sealer.sealBytes(endKey(name), encodeJson({ parts: count })));
    },
    async get(name) {
      const end = await read(endKey(name));
      if (end === undefined) return undefined;
      const { parts } = decodeJson<{ parts: number }>(end);
      const all: Uint8Array[] = [];
      for (let part = 0; part < parts; part++) {
        const bytes = await read(partKey(name, part));
        if (bytes === undefined) return undefined;
        all.push(bytes);
      }
      return Buffer.concat(all);
    },
    has: async (name) => (await blobs.get(endKey(name))) !== undefined,
    async remove(prefix) {
      for (;;) {
        const keys = await blobs.list(prefix, { limit: 1_000 });
        for (const key of keys) await blobs.delete(key);
        if (keys.length < 1_000) return;
      }
    },
  };
}
