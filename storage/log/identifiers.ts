import type { FragmentId, Identifier } from '../../domain/identity/identifier.ts';
import type { FragmentKey } from '../vault/types.ts';
import type { LogContext } from './context.ts';
import { openCommit } from './context.ts';
import { COMMITS_END, COMMITS_START, commitSk, commitVersion, partitionOf } from './layout.ts';

/** Commits read at once where the first are of a key that is gone. */
const PAGE_COMMITS = 100;

/** Reads what fragments are the streams of: every event leads with its fragment's identifier. */
export async function readIdentifiers(
  context: LogContext,
  fragments: readonly FragmentId[],
): Promise<(Identifier | undefined)[]> {
  const ranges = fragments.map((fragment) => ({
    pk: partitionOf(fragment),
    from: COMMITS_START,
    to: COMMITS_END,
    limit: 1,
  }));
  const [keys, starts] = await Promise.all([context.vault.keys(fragments), context.table.queryMany(ranges)]);
  return Promise.all(
    fragments.map(async (fragment, i) => {
      const [key, first] = [keys[i], starts[i]?.[0]];
      if (key === undefined || first === undefined) return undefined;
      const commit = openCommit(context, fragment, key, first);
      if (commit === undefined) return firstReadable(context, fragment, key, commitVersion(first.sk) ?? 0);
      return commit.events[0]?.identifiers[0];
    }),
  );
}

/** Somebody who came back after an erasure has commits of a former key before those of the present one. */
async function firstReadable(
  context: LogContext,
  fragment: FragmentId,
  key: FragmentKey,
  after: number,
): Promise<Identifier | undefined> {
  let cursor = commitSk(after);
  for (;;) {
    const range = { pk: partitionOf(fragment), from: COMMITS_START, to: COMMITS_END, limit: PAGE_COMMITS };
    const items = await context.table.query({ ...range, after: cursor });
    for (const item of items) {
      const commit = openCommit(context, fragment, key, item);
      if (commit !== undefined) return commit.events[0]?.identifiers[0];
      cursor = item.sk;
    }
    if (items.length < PAGE_COMMITS) return undefined;
  }
}
