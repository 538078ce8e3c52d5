import type { FragmentId } from '../../domain/identity/identifier.ts';
import { ConditionFailed, KeyGone } from '../errors.ts';
import type { Item, Table, WriteOp } from '../ports.ts';
import { WRITE_OPS_MAX } from '../ports.ts';
import { randomBytes } from '../random.ts';
import type { StoredKeys } from './epochs.ts';
import { epochOf } from './epochs.ts';
import type { FragmentKey } from './types.ts';
import { decodeWrapped, encodeWrapped, unwrapKey, wrapKey } from './wrapped.ts';

/** A fragment's key as found in the table: readable, or there and unreadable for good. */
export interface StoredFragmentKey {
  readonly version: number;
  readonly key: FragmentKey | undefined;
}

const place = (fragment: FragmentId): { pk: string; sk: string } => ({ pk: `k/${fragment}`, sk: 'key' });

// A subject id is random and lives exactly as long as its key, so that its start tells one key from the next.
const tagOf = (subject: string): Uint8Array => Buffer.from(subject.slice(0, 6), 'base64url').subarray(0, 4);

/** The fragments' keys in their table. */
export interface FragmentKeys {
  /** In the order of `fragments`; undefined where there is none. */
  read(fragments: readonly FragmentId[]): Promise<(StoredFragmentKey | undefined)[]>;
  /** Writes new keys at the versions given, 0 for none so far; answers those that were written. */
  create(wanted: ReadonlyMap<FragmentId, number>): Promise<Map<FragmentId, FragmentKey>>;
}

/** Reads and writes keys wrapped under the month's. `now` is in milliseconds. */
export function createFragmentKeys(options: {
  readonly tenant: string;
  readonly table: Table;
  readonly stored: StoredKeys;
  readonly now: () => number;
}): FragmentKeys {
  const { tenant, table, stored, now } = options;

  async function unwrap(fragment: FragmentId, item: Item): Promise<StoredFragmentKey> {
    try {
      const { epoch, subject, wrapped } = decodeWrapped(item.value);
      const under = await stored.get(`kek/${epoch}`);
      if (under === undefined) return { version: item.version, key: undefined };
      const key = { bytes: unwrapKey(tenant, fragment, wrapped, under), subject, tag: tagOf(subject) };
      return { version: item.version, key };
    } catch (error) {
      if (error instanceof KeyGone) return { version: item.version, key: undefined };
      throw error;
    }
  }

  async function read(fragments: readonly FragmentId[]): Promise<(StoredFragmentKey | undefined)[]> {
    const items = await table.getMany(fragments.map(place));
    return Promise.all(
      items.map(async (item, i) => {
        const fragment = fragments[i];
        if (item === undefined || fragment === undefined) return undefined;
        return unwrap(fragment, item);
      }),
    );
  }

  async function create(wanted: ReadonlyMap<FragmentId, number>): Promise<Map<FragmentId, FragmentKey>> {
    const epoch = epochOf(now());
    const under = await stored.ensure(`kek/${epoch}`);
    const made = new Map<FragmentId, FragmentKey>();
    const ops: WriteOp[] = [];
    for (const [fragment, version] of wanted) {
      const subject = randomBytes(16).toString('base64url');
      const key = { bytes: randomBytes(32), subject, tag: tagOf(subject) };
      const wrapped = wrapKey(tenant, fragment, key.bytes, under);
      const value = encodeWrapped({ epoch, subject, wrapped });
      const expect = version === 0 ? 'absent' : version;
      const { pk, sk } = place(fragment);
      ops.push({ kind: 'put', pk, sk, version: version + 1, value, expect });
      made.set(fragment, key);
    }
    const fragments = [...wanted.keys()];
    const chunks: { fragments: FragmentId[]; ops: WriteOp[] }[] = [];
    for (let i = 0; i < ops.length; i += WRITE_OPS_MAX) {
      chunks.push({
        fragments: fragments.slice(i, i + WRITE_OPS_MAX),
        ops: ops.slice(i, i + WRITE_OPS_MAX),
      });
    }
    await Promise.all(
      chunks.map(async (chunk) => {
        try {
          await table.write(chunk.ops);
        } catch (error) {
          if (!(error instanceof ConditionFailed)) throw error;
          for (const fragment of chunk.fragments) made.delete(fragment);
        }
      }),
    );
    return made;
  }

  return { read, create };
}
