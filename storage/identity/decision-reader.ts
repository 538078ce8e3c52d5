import type { ProfileId } from '../../domain/identity/identifier.ts';
import { StorageError } from '../errors.ts';
import type { Item, RangeQuery, Table } from '../ports.ts';
import { open } from '../vault/seal.ts';
import type { SealKey } from '../vault/seal.ts';
import type { Vault } from '../vault/types.ts';
import { decodeDecision } from './codec.ts';
import type { PagedDecision } from './codec.ts';
import { decisionKey, decisionRange, directoryAad, headKey, pageKey } from './layout.ts';
import type { Decision } from './types.ts';

/** Decisions read at a time. */
const DECISIONS_PAGE = 500;

/** Reads profiles' decisions, whole wherever their parts are stored. */
export interface DecisionReader {
  /** The last decision of each profile. */
  latest(profiles: readonly ProfileId[]): Promise<(Decision | undefined)[]>;
  /** All decisions of a profile, oldest first. */
  decisions(profile: ProfileId): Promise<Decision[]>;
}

/** Opens the decisions in `table`. */
export function createDecisionReader(
  tenant: string,
  table: Table,
  vault: Pick<Vault, 'tenantSealKey'>,
): DecisionReader {
  const openItem = (key: SealKey, item: Item): Uint8Array =>
    open(key, item.value, directoryAad(tenant, item));

  async function whole({ pages, open: openWith }: PagedDecision, key: SealKey): Promise<Decision> {
    const items = await table.getMany(Array.from({ length: pages.count }, (_, page) => pageKey(pages, page)));
    const parts = items.map((item) => {
      if (!item) throw new StorageError('corrupt-profile', 'a stored profile names a page that is not there');
      return openItem(key, item);
    });
    return openWith(Buffer.concat(parts));
  }

  async function decisionsIn(
    items: readonly (Item | undefined)[],
    key: SealKey,
  ): Promise<(Decision | undefined)[]> {
    const found: (Decision | undefined)[] = [];
    for (const item of items) {
      const decision = item && decodeDecision(openItem(key, item));
      // Large profiles are rare: nothing is waited for where there is none.
      found.push(decision && 'open' in decision ? await whole(decision, key) : decision);
    }
    return found;
  }

  async function past(range: RangeQuery, key: SealKey): Promise<Decision[]> {
    return (await decisionsIn(await table.query(range), key)).filter((decision) => decision !== undefined);
  }

  async function latest(profiles: readonly ProfileId[]): Promise<(Decision | undefined)[]> {
    const [key, items] = await Promise.all([
      vault.tenantSealKey('directory'),
      table.getMany(profiles.map(headKey)),
    ]);
    return decisionsIn(items, key);
  }

  async function decisions(profile: ProfileId): Promise<Decision[]> {
    const key = await vault.tenantSealKey('directory');
    const earlier: Decision[] = [];
    for (let after: string | undefined; ;) {
      const range = { ...decisionRange(profile), limit: DECISIONS_PAGE };
      const page = await past(after === undefined ? range : { ...range, after }, key);
      earlier.push(...page);
      const end = page.at(-1);
      if (!end || page.length < DECISIONS_PAGE) break;
      after = decisionKey(profile, end.version).sk;
    }
    // The head is read last: a decision made meanwhile then shows there, or in a gap that it tells of.
    const [last] = await latest([profile]);
    if (!last) return earlier;
    const missing = last.version - 1 - (earlier.at(-1)?.version ?? 0);
    if (missing > 0) {
      const gap = await past({ ...decisionRange(profile), reverse: true, limit: missing }, key);
      earlier.push(...gap.reverse());
    }
    // A copy of the last may stand already, for a decision that was to follow it.
    return [...earlier.filter((decision) => decision.version < last.version), last];
  }

  return { latest, decisions };
}
