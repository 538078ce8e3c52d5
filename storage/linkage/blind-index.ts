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
  fragmentBucket,
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

/** What the parts of an index share. */
interface Context {
  readonly table: Table;
  readonly sealer: LinkageSeal;
}

const headKey = (index: string): Key => ({ pk: `link-index/${index}`, sk: 'head' });
const bucketKey = (index: string, kind: Kind, bucket: number): Key => ({
  pk: `link-index/${index}/${kind}/${bucket.toString(16).padStart(BUCKET_CHARS, '0')}`,
  sk: 'b',
});

async function sealed({ sealer }: Context, key: Key, version: number, bytes: Uint8Array): Promise<Item> {
  return { ...key, version, value: await sealer.sealBytes(`${key.pk}/${key.sk}`, bytes, false) };
}

function opened({ sealer }: Context, item: Item | undefined): Promise<Uint8Array> {
  if (item === undefined) return Promise.resolve(new Uint8Array());
  return sealer.openBytes(`${item.pk}/${item.sk}`, item.value);
}

async function headOf({ table, sealer }: Context, index: string): Promise<IndexHead> {
  const item = await table.get(headKey(index));
  if (item === undefined) throw new StorageError('no-such-index', 'there is no index of this name');
  return sealer.document<IndexHead>(item);
}

/** Opens the tenant's blind indexes. Its calls throw `StoreUnavailable`, and `StorageError` for an index that is not there. */
export function createBlindIndex(table: Table, sealer: LinkageSeal, master: Keys): BlindIndex {
  const context: Context = { table, sealer };
  const hasher = createHasher(master);
  return {
    build: async (index, records, beat) => build(context, index, records, { hash: await hasher(), beat }),
    async upsert(index, records) {
      const [hash, { bits }] = await Promise.all([hasher(), headOf(context, index)]);
      for (const record of records) {
        const entry = entryOf(record, hash);
        await retrying(() => upsertOne(context, index, bits, entry));
      }
    },
    async lookup(index, keys) {
      const [hash, { bits }] = await Promise.all([hasher(), headOf(context, index)]);
      const hashes = keys.map(hash);
      const items = await table.getMany(hashes.map((one) => bucketKey(index, 'keys', bucketOf(one, bits))));
      return Promise.all(hashes.map(async (one, at) => fragmentsWith(await opened(context, items[at]), one)));
    },
    async versions(index) {
      const { bits } = await headOf(context, index);
      const versions = new Map<FragmentId, number>();
      for (const keys of bucketKeys(index, 'records', bits))
        for (const item of await table.getMany(keys))
          for (const { fragment, version } of decodeEntries(await opened(context, item)))
            versions.set(fragment, version);
      return versions;
    },
    remove: (index) => remove(context, index),
  };
}

/** Keyed hashes of blocking keys, under the tenant's secret for them. */
function createHasher(master: Keys): () => Promise<(key: string) => Buffer> {
  let secret: Promise<Uint8Array> | undefined;
  return async () => {
    secret ??= master.indexKey('linkage');
    const bytes = await secret.catch((error: unknown) => {
      secret = undefined;
      throw error;
    });
    return (key) => createHmac('sha256', bytes).update(key).digest().subarray(0, HASH_BYTES);
  };
}

async function build(
  context: Context,
  index: string,
  records: AsyncIterable<readonly RecordKeys[]>,
  { hash, beat }: { readonly hash: (key: string) => Buffer; readonly beat: () => void },
): Promise<number> {
  const entries: Entry[] = [];
  for await (const chunk of records) {
    for (const record of chunk) entries.push(entryOf(record, hash));
    beat();
  }
  const bits = bitsFor(entries);
  const write = (buckets: Iterable<Bucket>): Promise<void> =>
    writeBuckets(
      context.table,
      buckets,
      ({ kind, bucket, bytes }) => sealed(context, bucketKey(index, kind, bucket), 1, bytes()),
      beat,
    );
  await write(recordBuckets(entries, bits));
  await write(postingBuckets(entries, bits));
  // Last: an index without a head is not there.
  const made: IndexHead = { bits, records: entries.length };
  await context.table.write([{ kind: 'put', ...(await context.sealer.item(headKey(index), 1, made)) }]);
  return entries.length;
}

/** Changes the buckets of both kinds that hold what `wanted` touches, in one transaction. */
async function upsertOne(context: Context, index: string, bits: number, wanted: Entry): Promise<void> {
  const { table } = context;
  const place = bucketKey(index, 'records', fragmentBucket(wanted.fragment, bits));
  const item = await table.get(place);
  const entries = decodeEntries(await opened(context, item));
  const before = entries.find(({ fragment }) => fragment === wanted.fragment);
  if (before !== undefined && before.version >= wanted.version) return;
  const kept = entries.filter(({ fragment }) => fragment !== wanted.fragment);
  const ops = [await replacing(context, place, item, encodeEntries([...kept, wanted]))];
  const touched = new Set([...(before?.hashes ?? []), ...wanted.hashes].map((hash) => bucketOf(hash, bits)));
  for (const bucket of touched) {
    const key = bucketKey(index, 'keys', bucket);
    const stored = await table.get(key);
    const others = decodePostings(await opened(context, stored)).filter(
      ({ fragment }) => fragment !== wanted.fragment,
    );
    const own = wanted.hashes
      .filter((hash) => bucketOf(hash, bits) === bucket)
      .map((hash): Posting => ({ hash, fragment: wanted.fragment }));
    ops.push(await replacing(context, key, stored, encodePostings([...others, ...own])));
  }
  await table.write(ops);
}

async function replacing(
  context: Context,
  key: Key,
  before: Item | undefined,
  bytes: Uint8Array,
): Promise<WriteOp> {
  const after = await sealed(context, key, (before?.version ?? 0) + 1, bytes);
  return { kind: 'put', ...after, expect: before?.version ?? 'absent' };
}

async function remove({ table, sealer }: Context, index: string): Promise<void> {
  const item = await table.get(headKey(index));
  if (item === undefined) return;
  const { bits } = await sealer.document<IndexHead>(item);
  for (const kind of ['keys', 'records'] as const)
    for (const keys of bucketKeys(index, kind, bits))
      await table.write(keys.map((key) => ({ kind: 'delete', ...key })));
  // Last: what is left of an index without a head would never be found again.
  await table.write([{ kind: 'delete', ...headKey(index) }]);
}

/** The places of all buckets of a kind, as many at a time as one write takes. */
function* bucketKeys(index: string, kind: Kind, bits: number): Generator<Key[]> {
  for (let from = 0; from < 2 ** bits; from += WRITE_OPS_MAX) {
    const count = Math.min(WRITE_OPS_MAX, 2 ** bits - from);
    yield Array.from({ length: count }, (_, i) => bucketKey(index, kind, from + i));
  }
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

function* recordBuckets(entries: readonly Entry[], bits: number): Generator<Bucket> {
  const groups = new Map<number, Entry[]>();
  for (const entry of entries) {
    const bucket = fragmentBucket(entry.fragment, bits);
    const group = groups.get(bucket);
    if (group === undefined) groups.set(bucket, [entry]);
    else group.push(entry);
  }
  for (const [bucket, group] of groups) yield { kind: 'records', bucket, bytes: () => encodeEntries(group) };
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
