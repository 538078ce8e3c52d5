import type { FragmentId } from '../../domain/identity/identifier.ts';
import type { Item } from '../ports.ts';
import type { FragmentKey } from '../vault/types.ts';
import type { LogContext } from './context.ts';
import { openItem } from './context.ts';
import { decodeEnd } from './encode.ts';
import { COMMITS_END, COMMITS_START, commitSk, commitVersion, partitionOf } from './layout.ts';
import type { FragmentTip, Tail } from './types.ts';

/** The tail of a fragment that has no commit, or none that can be read. */
export const NO_TAIL: Tail = { snapshotBytes: 0, commits: 0, bytes: 0 };

/** The end of a fragment as its last commit tells it; its own bytes are known only from outside. */
function tipOf(
  context: LogContext,
  fragment: FragmentId,
  key: FragmentKey | undefined,
  last: Item | undefined,
): FragmentTip {
  const version = last === undefined ? undefined : commitVersion(last.sk);
  if (last === undefined || version === undefined)
    return { fragment, version: 0, recordedAt: null, tail: NO_TAIL };
  const bytes = key === undefined ? undefined : openItem(context, fragment, key, last);
  // Under a key that is gone: its version counts, and what comes after it begins anew.
  if (bytes === undefined) return { fragment, version, recordedAt: null, tail: NO_TAIL };
  const { recordedAt, tail } = decodeEnd(bytes);
  const own = tail.commits === 0 ? 0 : last.value.length;
  return { fragment, version, recordedAt, tail: { ...tail, bytes: tail.bytes + own } };
}

/** The ends that are known from memory. One that is in doubt is known where there is no commit behind it. */
async function knownTips(
  context: LogContext,
  fragments: readonly FragmentId[],
): Promise<(FragmentTip | undefined)[]> {
  const doubted: FragmentTip[] = [];
  const known = fragments.map((fragment) => {
    const kept = context.tips.get(fragment);
    if (kept?.isDoubted !== true) return kept?.tip;
    doubted.push(kept.tip);
    return undefined;
  });
  if (doubted.length === 0) return known;
  const next = doubted.map(({ fragment, version }) => ({
    pk: partitionOf(fragment),
    sk: commitSk(version + 1),
  }));
  const items = await context.table.getMany(next);
  for (const [i, tip] of doubted.entries()) {
    // Another append of this process may know better meanwhile.
    if (context.tips.get(tip.fragment)?.tip.version !== tip.version) continue;
    if (items[i] === undefined) context.tips.set(tip);
    else context.tips.delete(tip.fragment);
  }
  return fragments.map((fragment, i) => known[i] ?? context.tips.get(fragment)?.tip);
}

/** Reads where fragments end: from memory, else from the last commit of each. */
export async function readTips(
  context: LogContext,
  fragments: readonly FragmentId[],
): Promise<FragmentTip[]> {
  const known = await knownTips(context, fragments);
  const missing = fragments.filter((_, i) => known[i] === undefined);
  if (missing.length === 0) return known.filter((tip) => tip !== undefined);
  const ranges = missing.map((fragment) => ({
    pk: partitionOf(fragment),
    from: COMMITS_START,
    to: COMMITS_END,
    reverse: true,
    limit: 1,
  }));
  const [keys, ends] = await Promise.all([context.vault.keys(missing), context.table.queryMany(ranges)]);
  let next = 0;
  return fragments.map((fragment, i) => {
    const cached = known[i];
    if (cached !== undefined) return cached;
    const at = next++;
    const tip = tipOf(context, fragment, keys[at], ends[at]?.[0]);
    context.tips.set(tip);
    return tip;
  });
}
