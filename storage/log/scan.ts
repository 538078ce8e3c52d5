import type { FragmentId } from '../../domain/identity/identifier.ts';
import type { Item } from '../ports.ts';
import type { LogContext } from './context.ts';
import { openCommit } from './context.ts';
import { commitVersion, FRAGMENTS_PREFIX } from './layout.ts';
import type { ScannedCommit } from './types.ts';

/** Commits whose keys are read at a time. */
const PORTION = 500;

/** See `EventLog.scan`. */
export async function* scanCommits(context: LogContext): AsyncGenerator<ScannedCommit> {
  let portion: Item[] = [];
  for await (const item of context.table.scan(FRAGMENTS_PREFIX)) {
    if (commitVersion(item.sk) === undefined) continue;
    portion.push(item);
    if (portion.length < PORTION) continue;
    yield* opened(context, portion);
    portion = [];
  }
  yield* opened(context, portion);
}

async function* opened(context: LogContext, items: readonly Item[]): AsyncGenerator<ScannedCommit> {
  const fragments = items.map(({ pk }): FragmentId => pk.slice(FRAGMENTS_PREFIX.length));
  const keys = await context.vault.keys(fragments);
  for (const [i, item] of items.entries()) {
    const [fragment, key] = [fragments[i], keys[i]];
    if (fragment === undefined || key === undefined) continue;
    const commit = openCommit(context, fragment, key, item);
    if (commit !== undefined) yield { fragment, commit };
  }
}
