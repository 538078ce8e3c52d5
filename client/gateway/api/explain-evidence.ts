import type { Decided } from '../../../domain/identity/explain/types.ts';
import type { Evidence, ProfileHead } from '../../../domain/identity/evidence.ts';
import { pairKey } from '../../../domain/identity/order.ts';
import type { Waterfall } from '../../../domain/linkage/types.ts';
import { describePair } from '../../../storage/linkage/pair.ts';
import type { TenantStore } from '../../../storage/tenant.types.ts';
import { omit } from '../omit.ts';

/** Beyond so many links and refusals, the decisions that made them are not looked for: each holds a whole head. */
const DECIDED_MAX = 200;
/** Scores that are computed again for one answer, the likeliest; each reads two records. */
const WATERFALLS_MAX = 50;

/** The decision of a profile since which each link or refusal stands, by `pairKey`: one that was taken back in between counts anew. */
export async function decidedOf(
  { directory }: Pick<TenantStore, 'directory'>,
  head: ProfileHead,
  knownAt: string | undefined,
): Promise<Map<string, Decided>> {
  const decided = new Map<string, Decided & { readonly isLink: boolean }>();
  if (head.links.length + head.refused.length > DECIDED_MAX) return decided;
  for (const { recordedAt, cause, head: then } of await directory.decisions(head.profileId)) {
    if (knownAt !== undefined && recordedAt > knownAt) break;
    const { rulesVersion } = then;
    for (const [isLink, pieces] of [
      [true, then.links],
      [false, then.refused.map(({ evidence }) => evidence)],
    ] as const)
      for (const key of pieces.map(pairKey))
        if (decided.get(key)?.isLink !== isLink)
          decided.set(key, { recordedAt, rulesVersion, cause, isLink });
  }
  return new Map([...decided].map(([key, known]) => [key, omit(known, 'isLink')]));
}

/** How the comparisons of probabilistic evidence add up, by `pairKey`, as far as model and records are still there. */
export async function waterfallsOf(
  store: TenantStore,
  heads: readonly ProfileHead[],
): Promise<Map<string, Waterfall>> {
  const scored = new Map(
    heads
      .flatMap(piecesOf)
      .filter(({ rule }) => rule === 'probabilistic')
      .map((piece) => [pairKey(piece), piece]),
  );
  const likeliest = [...scored]
    .sort(([, x], [, y]) => (y.score ?? 0) - (x.score ?? 0))
    .slice(0, WATERFALLS_MAX);
  const waterfalls = new Map<string, Waterfall>();
  for (const [key, { a, b, model = '', messageId: runId, firstSeen: comparedAt }] of likeliest) {
    const { waterfall } = await describePair(store, { a, b, model, runId, comparedAt });
    if (waterfall !== null) waterfalls.set(key, waterfall);
  }
  return waterfalls;
}

function piecesOf({ links, refused }: ProfileHead): Evidence[] {
  return [...links, ...refused.map(({ evidence }) => evidence)];
}
