import { ApplicationFailure, Context } from '@temporalio/activity';
import type { MappingReplay } from '../../domain/mapping/replay.ts';
import type { ReplayMappingDeps, ReplayRef } from './types.ts';

const HEARTBEAT_MS = 1_000;

/** What was asked under an id. Throws a clear failure where nothing was. */
export async function requestOf({ store }: ReplayMappingDeps, { runId }: ReplayRef): Promise<MappingReplay> {
  const found = await store.mappingReplays.request(runId);
  if (found === undefined)
    throw ApplicationFailure.nonRetryable('there is no such replay; ask for it again', 'UnknownReplay');
  return found;
}

/** Heartbeats while work goes on. */
export async function beating<T>(work: () => Promise<T>): Promise<T> {
  const context = Context.current();
  const beat = setInterval(() => {
    context.heartbeat();
  }, HEARTBEAT_MS);
  try {
    return await work();
  } finally {
    clearInterval(beat);
  }
}

/** Runs `work` on items, so many at a time, answers in their order. */
export async function inParallel<T, R>(
  items: readonly T[],
  atOnce: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  for (let i = 0; i < items.length; i += atOnce)
    results.push(...(await Promise.all(items.slice(i, i + atOnce).map(work))));
  return results;
}
