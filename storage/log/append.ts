import { ConditionFailed } from '../errors.ts';
import { KeySet } from '../key-set.ts';
import { WRITE_BYTES_MAX, WRITE_OPS_MAX } from '../ports.ts';
import type { FragmentKey } from '../vault/types.ts';
import type { CommitUnit } from './commits.ts';
import { commitUnits } from './commits.ts';
import type { LogContext } from './context.ts';
import { loadFragments } from './load.ts';
import { snapshotDue } from './snapshot.ts';
import type { AppendRequest, AppendResult, LoadedFragment } from './types.ts';

/**
 * Transactions under way at once: those of one unit of ingestion, which the embedded table flushes together. The store's own
 * limits come first, this bounds memory.
 */
const TRANSACTIONS_MAX = 64;

/** One request's next commit on its way. */
interface Pending {
  readonly request: number;
  readonly unit: CommitUnit;
}

/** Packs commits into transactions: in order, within the port's limits, never one key twice. */
export function pack(pending: readonly Pending[]): Pending[][] {
  const packs: Pending[][] = [];
  let current: Pending[] = [];
  let ops = 0;
  let bytes = 0;
  let keys = new KeySet();
  for (const item of pending) {
    const { unit } = item;
    const full = ops + unit.ops.length > WRITE_OPS_MAX || bytes + unit.bytes > WRITE_BYTES_MAX;
    if (current.length > 0 && (full || unit.ops.some((op) => keys.has(op)))) {
      packs.push(current);
      current = [];
      ops = 0;
      bytes = 0;
      keys = new KeySet();
    }
    current.push(item);
    ops += unit.ops.length;
    bytes += unit.bytes;
    for (const op of unit.ops) keys.add(op);
  }
  if (current.length > 0) packs.push(current);
  return packs;
}

/** Which commits of a transaction failed; none where the store doesn't tell. */
function conflicting(items: readonly Pending[], failed: readonly number[]): Set<Pending> {
  const conflicts = new Set<Pending>();
  let from = 0;
  for (const item of items) {
    const to = from + item.unit.ops.length;
    if (failed.some((at) => at >= from && at < to)) conflicts.add(item);
    from = to;
  }
  return conflicts;
}

/** Writes one transaction; where a commit conflicts, without it. Answers those that are in. */
async function writePack(context: LogContext, items: readonly Pending[]): Promise<Pending[]> {
  if (items.length === 0) return [];
  try {
    await context.table.write(items.flatMap(({ unit }) => unit.ops));
    return [...items];
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
    if (items.length === 1) return [];
    const conflicts = conflicting(items, error.failed);
    if (conflicts.size > 0)
      return writePack(
        context,
        items.filter((item) => !conflicts.has(item)),
      );
    const middle = items.length >> 1;
    return [
      ...(await writePack(context, items.slice(0, middle))),
      ...(await writePack(context, items.slice(middle))),
    ];
  }
}

/** Every transaction runs to its end before the first failure is told, so that no write goes on behind a retry. */
async function writeAll(context: LogContext, packs: readonly Pending[][]): Promise<Pending[]> {
  const written: Pending[] = [];
  for (let i = 0; i < packs.length; i += TRANSACTIONS_MAX) {
    const settled = await Promise.allSettled(
      packs.slice(i, i + TRANSACTIONS_MAX).map((items) => writePack(context, items)),
    );
    for (const result of settled) {
      if (result.status === 'rejected') throw result.reason;
      written.push(...result.value);
    }
  }
  return written;
}

/** The folds of those requests whose commit should bring a snapshot, by position. */
async function foldsDue(
  context: LogContext,
  requests: readonly AppendRequest[],
): Promise<Map<number, LoadedFragment>> {
  const due = requests.flatMap(({ tip }, i) => (snapshotDue(tip.tail) ? [i] : []));
  if (due.length === 0) return new Map();
  const loaded = await loadFragments(
    context,
    due.flatMap((i) => requests[i]?.tip.fragment ?? []),
  );
  // A fragment that is further than its tip makes the append conflict; a snapshot would be of the wrong version.
  return new Map(
    due.flatMap((i, at) => {
      const fold = loaded[at];
      return fold !== undefined && fold.version === requests[i]?.tip.version ? [[i, fold] as const] : [];
    }),
  );
}

/** The key of each request's fragment. What has commits has one: it is read, for to make one only to be refused costs a transaction. */
async function keysOf(
  { vault }: LogContext,
  requests: readonly AppendRequest[],
): Promise<(FragmentKey | undefined)[]> {
  const begun = requests.filter(({ tip }) => tip.version > 0).map(({ tip }) => tip.fragment);
  const known = await vault.keys(begun);
  let next = 0;
  const keys = requests.map(({ tip }) => (tip.version > 0 ? known[next++] : undefined));
  const missing = requests.filter((_, i) => keys[i] === undefined).map(({ tip }) => tip.fragment);
  if (missing.length === 0) return keys;
  const made = await vault.ensureKeys(missing);
  next = 0;
  return keys.map((key) => key ?? made[next++]);
}

/** Appends to many fragments. Throws `StoreUnavailable` with any part of it done; appending again is exact. */
export async function appendAll(
  context: LogContext,
  requests: readonly AppendRequest[],
): Promise<AppendResult[]> {
  const policy = await context.policy();
  const keys = await keysOf(context, requests);
  const folds = await foldsDue(context, requests);
  const clock = new Date(context.now()).toISOString();
  const units = requests.map((request, i) => {
    const key = keys[i];
    return key === undefined ? [] : commitUnits(context, policy, key, request, folds.get(i), clock);
  });
  const results: AppendResult[] = requests.map(({ tip }) => ({ status: 'appended', tip }));
  // What is remembered may be older than what gets written now, until the outcome is known.
  for (const { tip } of requests) context.tips.delete(tip.fragment);

  let alive = [...requests.keys()];
  for (let wave = 0; alive.length > 0; wave++) {
    const pending = alive.flatMap((request): Pending[] => {
      const unit = units[request]?.[wave];
      return unit === undefined ? [] : [{ request, unit }];
    });
    for (const { request, unit } of pending) {
      results[request] = { status: 'conflict', fragment: unit.after.fragment };
    }
    const written = await writeAll(context, pack(pending));
    for (const { request, unit } of written) {
      results[request] = { status: 'appended', tip: unit.after };
    }
    alive = written.map(({ request }) => request);
  }
  for (const result of results) {
    if (result.status === 'appended') context.tips.set(result.tip);
  }
  for (const result of results) {
    if (result.status === 'conflict') context.tips.delete(result.fragment);
  }
  return results;
}
