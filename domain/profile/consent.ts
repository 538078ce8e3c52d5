import { setOwn } from '../record.ts';
import { compareStamps } from './stamp.ts';
import type { ConsentEntry, ProfileState } from './state.ts';

/** What holds for one purpose, and the choice that made it so. */
export interface ConsentInForce {
  readonly status: 'granted' | 'denied';
  /** Event time of the choice, ISO 8601 UTC. */
  readonly at: string;
  readonly source: string;
}

/** The later of two choices on one purpose by one identifier; of two at once, the denial. */
export function strongerChoice(a: ConsentEntry, b: ConsentEntry): ConsentEntry {
  const order = compareStamps(a, b);
  if (order !== 0) return order > 0 ? a : b;
  return a.status === 'denied' ? a : b;
}

/** By purpose, the most restrictive choice across the profile's identifiers: one denial denies. */
export function consentInForce(state: ProfileState): Record<string, ConsentInForce> {
  const inForce: Record<string, ConsentInForce> = {};
  for (const [purpose, choices] of Object.entries(state.consent)) {
    let strictest: ConsentEntry | undefined;
    for (const choice of Object.values(choices)) {
      if (strictest === undefined || isStricter(choice, strictest)) strictest = choice;
    }
    if (strictest === undefined) continue;
    const { status, at, source } = strictest;
    setOwn(inForce, purpose, { status, at, source });
  }
  return inForce;
}

function isStricter(a: ConsentEntry, b: ConsentEntry): boolean {
  return a.status === b.status ? compareStamps(a, b) > 0 : a.status === 'denied';
}
