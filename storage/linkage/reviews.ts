import { createHash } from 'node:crypto';
import type { Review, ReviewDecision, ReviewState } from '../../domain/link-records/review.ts';
import type { FragmentId } from '../../domain/identity/identifier.ts';
import { compareText } from '../../domain/canonical.ts';
import { ConditionFailed } from '../errors.ts';
import type { Page, PageOptions } from '../intake/types.ts';
import type { Key, Table, WriteOp } from '../ports.ts';
import { decodeCursor, encodeCursor, pageLimit } from '../page.ts';
import type { LinkageSeal } from './context.ts';
import type { ReviewStore, ScoredPair } from './types.ts';

const ID_CHARS = 22;
/** Rounds of a decision against others on the same pair. */
const ROUNDS_MAX = 20;
/** Pairs of one write: each is at most an item, a place in the list, and the place it leaves. */
const PAIRS_PER_WRITE = 30;
/** Probabilities are ordered to a millionth. */
const MILLION = 1_000_000;
const PROBABILITY_DIGITS = 7;

/** The id of a pair of fragments, whichever way round. */
export function reviewId(a: FragmentId, b: FragmentId): string {
  const [first, second] = a < b ? [a, b] : [b, a];
  return createHash('sha256').update(`${first}~${second}`).digest('base64url').slice(0, ID_CHARS);
}

const headKey = (id: string): Key => ({ pk: `link-review/${id}`, sk: 'head' });
/** The place in the list of a state: the likeliest pairs first. */
function placeKey({ id, state, probability }: Pick<Review, 'id' | 'state' | 'probability'>): Key {
  const rank = MILLION - Math.round(probability * MILLION);
  return { pk: `link-reviews/${state}`, sk: `${String(rank).padStart(PROBABILITY_DIGITS, '0')}~${id}` };
}

/** Opens the tenant's pairs for review. They name fragments alone; what the records say is read from the log. */
export function createReviewStore(table: Table, sealer: LinkageSeal, now: () => number): ReviewStore {
  const context: Context = { table, sealer, now };
  return {
    get: (id) => get(context, id),
    async offer(pairs, from) {
      let open = 0;
      for (let i = 0; i < pairs.length; i += PAIRS_PER_WRITE) {
        const some = pairs.slice(i, i + PAIRS_PER_WRITE);
        open += await retrying(() => offerSome(context, some, from));
      }
      return open;
    },
    decide: (id, decision) => retrying(() => decide(context, id, decision)),
    list: (state, options = {}) => list(context, state, options),
  };
}

/** What the store's calls share. */
interface Context {
  readonly table: Table;
  readonly sealer: LinkageSeal;
  readonly now: () => number;
}

async function get({ table, sealer }: Context, id: string): Promise<Review | undefined> {
  const item = await table.get(headKey(id));
  return item === undefined ? undefined : sealer.document<Review>(item);
}

async function replaceOps(
  { sealer }: Context,
  before: Review | undefined,
  after: Review,
): Promise<WriteOp[]> {
  const place = placeKey(after);
  const head = await sealer.item(headKey(after.id), after.version, after);
  const ops: WriteOp[] = [
    { kind: 'put', ...head, expect: before?.version ?? 'absent' },
    { kind: 'put', ...place, version: 1, value: new Uint8Array() },
  ];
  const left = before && placeKey(before);
  if (left && (left.pk !== place.pk || left.sk !== place.sk)) ops.push({ kind: 'delete', ...left });
  return ops;
}

/** Undefined where there is nothing to write: the pair is decided, or is up already as it is. */
function offered(
  { now }: Context,
  before: Review | undefined,
  pair: ScoredPair,
  from: OfferedBy,
): Review | undefined {
  const { a, b, weight, probability } = pair;
  const scored = { weight, probability, ...from };
  if (before === undefined) {
    const id = reviewId(a.fragment, b.fragment);
    const createdAt = new Date(now()).toISOString();
    return { id, a, b, ...scored, createdAt, state: 'open', decisions: [], version: 1 };
  }
  if (before.state !== 'open' || before.runId === from.runId) return undefined;
  return { ...before, ...scored, version: before.version + 1 };
}

async function offerSome(context: Context, pairs: readonly ScoredPair[], from: OfferedBy): Promise<number> {
  const { table, sealer } = context;
  const items = await table.getMany(pairs.map(({ a, b }) => headKey(reviewId(a.fragment, b.fragment))));
  const ops: WriteOp[] = [];
  let open = 0;
  for (const [at, pair] of pairs.entries()) {
    const item = items[at];
    const before = item === undefined ? undefined : await sealer.document<Review>(item);
    if (before === undefined || before.state === 'open') open += 1;
    const after = offered(context, before, pair, from);
    if (after !== undefined) ops.push(...(await replaceOps(context, before, after)));
  }
  if (ops.length > 0) await table.write(ops);
  return open;
}

async function decide(context: Context, id: string, decision: ReviewDecision): Promise<Review | undefined> {
  const before = await get(context, id);
  if (before === undefined) return undefined;
  // Two decisions may come here in another order than they were made in.
  const decisions = [...before.decisions, decision].sort((x, y) => compareText(x.at, y.at));
  const state = decisions.at(-1)?.state ?? before.state;
  const after: Review = { ...before, state, decisions, version: before.version + 1 };
  await context.table.write(await replaceOps(context, before, after));
  return after;
}

async function list(
  { table, sealer }: Context,
  state: ReviewState,
  options: PageOptions,
): Promise<Page<Review>> {
  const limit = pageLimit(options.limit);
  const after = options.cursor === undefined ? undefined : decodeCursor(options.cursor, 1)[0];
  const places = await table.query({
    pk: `link-reviews/${state}`,
    limit: limit + 1,
    ...(after === undefined ? {} : { after }),
  });
  const page = places.slice(0, limit);
  const found = await table.getMany(page.map(({ sk }) => headKey(sk.slice(sk.indexOf('~') + 1))));
  const there = found.flatMap((item) => (item === undefined ? [] : [item]));
  const items = await Promise.all(there.map((item) => sealer.document<Review>(item)));
  const last = page.at(-1);
  return { items, cursor: places.length > limit && last !== undefined ? encodeCursor([last.sk]) : null };
}

type OfferedBy = Pick<Review, 'model' | 'runId' | 'comparedAt'>;

async function retrying<T>(attempt: () => Promise<T>): Promise<T> {
  for (let round = 1; ; round++) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof ConditionFailed) || round === ROUNDS_MAX) throw error;
    }
  }
}
