import { setImmediate } from 'node:timers/promises';
import type { FragmentId } from '../../domain/identity/identifier.ts';
import { parseIdentifierKey } from '../../domain/identity/identifier.ts';
import type { IdentityRules } from '../../domain/identity/rule-types.ts';
import { isBlocked } from '../../domain/identity/rules.ts';
import type { TenantStore } from '../../storage/tenant.types.ts';
import type { ReadAnswer } from './judge-tenant.ts';

/** Fragments whose values are read at a time: some milliseconds. */
const LOADED = 50;

/**
 * The fragments whose values name nobody under the rules. Heads hold no values, so where the list differs from the one
 * that history was judged by, the identifiers that each fragment has seen are read from the log.
 */
export async function blockedUnder(
  store: TenantStore,
  rules: IdentityRules,
  read: ReadAnswer,
  signal: AbortSignal,
): Promise<FragmentId[]> {
  const inForce = new Set((await store.registry.config()).identity.blocked);
  const judged = read.blocked.map(({ fragment }) => fragment);
  const listed = new Set(rules.blocked);
  const isSame = listed.size === inForce.size && [...listed].every((entry) => inForce.has(entry));
  const versions = await store.registry.rulesVersions();
  const everDiffered = versions.some(
    ({ rules: { blocked } }) => blocked.length !== listed.size || blocked.some((entry) => !listed.has(entry)),
  );
  if (isSame && !everDiffered) return judged;
  const found = new Set<FragmentId>();
  for (let from = 0; from < read.fragments.length && !signal.aborted; from += LOADED) {
    const fragments = await store.log.load(read.fragments.slice(from, from + LOADED));
    for (const { state } of fragments) {
      for (const key of Object.keys(state.profile.identifiers)) {
        const identifier = parseIdentifierKey(key);
        if (identifier && isBlocked(identifier, rules)) found.add(store.log.address(identifier));
      }
    }
    await setImmediate();
  }
  return [...found];
}
