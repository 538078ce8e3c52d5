import { createHmac } from 'node:crypto';
import type { FragmentId } from '../../domain/identity/identifier.ts';
import { ConditionFailed, StorageError } from '../errors.ts';
import type { Item, Key, Keys, Table, WriteOp } from '../ports.ts';
import { WRITE_BYTES_MAX, WRITE_OPS_MAX } from '../ports.ts';
import {
  HASH_BYTES,
  bucketOf,
  decodeEntries,
  decodePostings,
  encodeEntries,
  encodePostings,
  fragmentBytes,
  fragmentsWith,
} from './buckets.ts';
import type { Entry, Posting } from './buckets.ts';
import type { LinkageSeal } from './context.ts';
import type { BlindIndex, RecordKeys } from './types.ts';

/** Postings and entries of a bucket, about: an item of one or two KB. */
const BUCKET_SIZE = 64;
const BITS_MAX = 20;
const BUCKET_CHARS = 5;
/** Rounds of a change against other writers of the same buckets. */
const ROUNDS_MAX = 50;

type Kind = 'keys' | 'records';

/** How an index was built; the number of its buckets stays. */
interface IndexHead {
  readonly bits: number;
  readonly records: number;
}

/** Opens the tenant's blind indexes. Its calls throw `StoreUnavailable`. */
export function createBlindIndex(table: Table, sealer: LinkageSeal, master: Keys): BlindIndex {
  let secret: Promise<Uint8Array> | undefined;
  const hasher = async (): Promise<(key: string) => Buffer> => {
    secret ??= master.indexKey('linkage');
    const bytes = await secret.catch((error: unknown) => {
      secret = undefined;
      throw error;
    });
    return (key) => createHmac('sha256', bytes).update(key).digest().subarray(0, HASH_BYTES);
  };

  const headKey = (index: string): Key => ({ pk: `link-index/${index}`, sk: 'head' });
  const bucketKey = (index: string, kind: Kind, bucket: number): Key => ({
    pk: `link-index/${index}/${kind}/${bucket.toString(16).padStart(BUCKET_CHARS, '0')}`,
    sk: 'b',
  });
  const put = async (key: Key, version: number, bytes: Uint8Array): Promise<Item> => ({
    ...key,
    version,
    value: await sealer.sealBytes(`${key.pk}/${key.sk}`, bytes, false),
  });
  const opened = (item: Item | undefined): Promise<Uint8Array> =>
    item === undefined
      ? Promise.resolve(new Uint8Array())
      : sealer.openBytes(`${item.pk}/${item.sk}`, item.value);

  async function head(index: string): Promise<IndexHead> {
    const item = await table.get(headKey(index));
    if (item === undefined) throw new StorageError('no-such-index', 'there is no index of this name');
    return sealer.document<IndexHead>(item);
  }

  /** Changes the buckets of both kinds that hold what `wanted` touches, in one transaction. */
  async function upsertOne(index: string, bits: number, wanted: Entry): Promise<void> {
    const place = bucketKey(index, 'records', bucketOf(fragmentBytes(wanted.fragment), bits));
    const item = await table.get(place);
    const entries = decodeEntries(await opened(item));
    const before = entries.find(({ fragment }) => fragment === wanted.fragment);
    if (before !== undefined && before.version >= wanted.version) return;
    const kept = entries.filter(({ fragment }) => fragment !== wanted.fragment);
    const ops: WriteOp[] = [
      {
        kind: 'put',
        ...(await put(place, (item?.version ?? 0) + 1, encodeEntries([...kept, wanted]))),
        expect: item?.version ?? 'absent',
      },
    ];
    const touched = new Set(
      [...(before?.hashes ?? []), ...wanted.hashes].map((hash) => bucketOf(hash, bits)),
    );
    for (const bucket of touched) {
      const key = bucketKey(index, 'keys', bucket);
      const stored = await table.get(key);
      const others = decodePostings(await opened(stored)).filter(
        ({ fragment }) => fragment !== wanted.fragment,
      );
      const own = wanted.hashes
        .filter((hash) => bucketOf(hash, bits) === bucket)
        .map((hash): Posting => ({ hash, fragment: wanted.fragment }));
      ops.push({
        kind: 'put',
        ...(await put(key, (stored?.version ?? 0) + 1, encodePostings([...others, ...own]))),
        expect: stored?.version ?? 'absent',
      });
    }
    await table.write(ops);
  }

  return {
    async build(index, records, beat) {
      const hash = await hasher();
      const entries: Entry[] = [];
      for await (const chunk of records) {
        for (const record of chunk) entries.push(entryOf(record, hash));
        beat();
      }
      const bits = bitsFor(entries);
      const buckets: Bucket[] = [
        ...grouped(entries, ({ fragment }) => bucketOf(fragmentBytes(fragment), bits), 'records'),
        ...postingBuckets(entries, bits),
      ];
      await writeBuckets(
        table,
        buckets,
        ({ kind, bucket, bytes }) => put(bucketKey(index, kind, bucket), 1, bytes()),
        beat,
      );
      // Last: an index without a head is not there.
      const made: IndexHead = { bits, records: entries.length };
      await table.write([{ kind: 'put', ...(await sealer.item(headKey(index), 1, made)) }]);
      return entries.length;
    },
    async upsert(index, records) {
      const [hash, { bits }] = await Promise.all([hasher(), head(index)]);
      for (const record of records) {
        const entry = entryOf(record, hash);
        await retrying(() => upsertOne(index, bits, entry));
      }
    },
    async lookup(index, keys) {
      const [hash, { bits }] = await Promise.all([hasher(), head(index)]);
      const hashes = keys.map(hash);
      const items = await table.getMany(hashes.map((one) => bucketKey(index, 'keys', bucketOf(one, bits))));
      return Promise.all(hashes.map(async (one, at) => fragmentsWith(await opened(items[at]), one)));
    },
    async versions(index) {
      const { bits } = await head(index);
      const versions = new Map<FragmentId, number>();
      for (let from = 0; from < 2 ** bits; from += WRITE_OPS_MAX) {
        const count = Math.min(WRITE_OPS_MAX, 2 ** bits - from);
        const keys = Array.from({ length: count }, (_, i) => bucketKey(index, 'records', from + i));
        for (const item of await table.getMany(keys))
          for (const { fragment, version } of decodeEntries(await opened(item)))
            versions.set(fragment, version);
      }
      return versions;
    },
    async remove(index) {
      const item = await table.get(headKey(index));
      if (item === undefined) return;
      const { bits } = await sealer.document<IndexHead>(item);
      await table.write([{ kind: 'delete', ...headKey(index) }]);
      for (const kind of ['keys', 'records'] as const) {
        for (let from = 0; from < 2 ** bits; from += WRITE_OPS_MAX) {
          const count = Math.min(WRITE_OPS_MAX, 2 ** bits - from);
          await table.write(
            Array.from({ length: count }, (_, i) => ({
              kind: 'delete' as const,
              ...bucketKey(index, kind, from + i),
            })),
          );
        }
      }
    },
  };
}

function entryOf({ fragment, version, keys }: RecordKeys, hash: (key: string) => Buffer): Entry {
  return { fragment, version, hashes: [...new Set(keys)].map(hash) };
}

function bitsFor(entries: readonly Entry[]): number {
  const postings = entries.reduce((sum, { hashes }) => sum + hashes.length, 0);
  return Math.min(BITS_MAX, Math.max(0, Math.ceil(Math.log2(Math.max(1, postings / BUCKET_SIZE)))));
}

/** A bucket to be written; its bytes are made when its turn comes. */
interface Bucket {
  readonly kind: Kind;
  readonly bucket: number;
  readonly bytes: () => Uint8Array;
}

function* grouped(
  entries: readonly Entry[],
  bucketOfEntry: (entry: Entry) => number,
  kind: Kind,
): Generator<Bucket> {
  const groups = new Map<number, Entry[]>();
  for (const entry of entries) {
    const bucket = bucketOfEntry(entry);
    const group = groups.get(bucket);
    if (group === undefined) groups.set(bucket, [entry]);
    else group.push(entry);
  }
  for (const [bucket, group] of groups) yield { kind, bucket, bytes: () => encodeEntries(group) };
}

function* postingBuckets(entries: readonly Entry[], bits: number): Generator<Bucket> {
  const groups = new Map<number, Posting[]>();
  for (const { fragment, hashes } of entries) {
    for (const hash of hashes) {
      const bucket = bucketOf(hash, bits);
      const group = groups.get(bucket);
      if (group === undefined) groups.set(bucket, [{ hash, fragment }]);
      else group.push({ hash, fragment });
    }
  }
  for (const [bucket, group] of groups) yield { kind: 'keys', bucket, bytes: () => encodePostings(group) };
}

async function writeBuckets(
  table: Table,
  buckets: Iterable<Bucket>,
  itemOf: (bucket: Bucket) => Promise<Item>,
  beat: () => void,
): Promise<void> {
  let ops: WriteOp[] = [];
  let bytes = 0;
  const flush = async (): Promise<void> => {
    if (ops.length > 0) await table.write(ops);
    ops = [];
    bytes = 0;
    beat();
  };
  for (const bucket of buckets) {
    const item = await itemOf(bucket);
    if (ops.length === WRITE_OPS_MAX || bytes + item.value.length > WRITE_BYTES_MAX / 2) await flush();
    ops.push({ kind: 'put', ...item });
    bytes += item.value.length;
  }
  await flush();
}

async function retrying(attempt: () => Promise<void>): Promise<void> {
  for (let round = 1; ; round++) {
    try {
      await attempt();
      return;
    } catch (error) {
      if (!(error instanceof ConditionFailed) || round === ROUNDS_MAX) throw error;
    }
  }
}
