import type { GraphNode } from '../../domain/identity/evidence.ts';
import { identifierKey, type FragmentId } from '../../domain/identity/identifier.ts';
import type { PersonFields } from '../../domain/link-records/person.ts';
import { waterfall, type Waterfall } from '../../domain/linkage/index.ts';
import type { TenantStore } from '../tenant.types.ts';
import { recordReader } from './read-record.ts';

/** A pair that a model scored in a run, over records as known at a moment. */
export interface ComparedPair {
  readonly a: GraphNode;
  readonly b: GraphNode;
  readonly model: string;
  readonly runId: string;
  readonly comparedAt: string;
}

/** One side of a pair, as it was compared, and who it is now. */
export interface PairedRecord extends GraphNode {
  /** `type:value`; null where it was erased. */
  readonly identifier: string | null;
  readonly profileId: string | null;
  readonly person: PersonFields | null;
}

type Store = Pick<TenantStore, 'log' | 'registry' | 'linkage' | 'directory'>;

/**
 * Both records of a pair as they were when they were compared, and the score computed again from them, bar by bar: the
 * model and the log never change, so that it is what the run computed. Null where the model or a record is gone.
 */
export async function describePair(
  store: Store,
  pair: ComparedPair,
): Promise<{ a: PairedRecord; b: PairedRecord; waterfall: Waterfall | null }> {
  const request = await store.linkage.runs.request(pair.runId);
  const read = recordReader(store, { sources: request?.sources ?? [] }, pair.comparedAt);
  const nodes = [pair.a, pair.b] as const;
  const [people, identifiers, heads, kept] = await Promise.all([
    Promise.all(nodes.map(async ({ fragment }) => (await read(fragment))?.person ?? null)),
    store.log.identifiers(nodes.map(({ fragment }) => fragment)),
    Promise.all(nodes.map(({ fragment }) => store.directory.profileOf(fragment))),
    store.linkage.models.get(pair.model),
  ]);
  const side = (at: 0 | 1): PairedRecord => {
    const identifier = identifiers[at];
    return {
      ...nodes[at],
      identifier: identifier === undefined ? null : identifierKey(identifier),
      profileId: heads[at]?.profileId ?? null,
      person: people[at] ?? null,
    };
  };
  const [one, two] = people;
  const steps =
    kept === undefined || !one || !two
      ? null
      : waterfall(kept.model, personRecord(pair.a.fragment, one), personRecord(pair.b.fragment, two));
  return { a: side(0), b: side(1), waterfall: steps };
}

/** A record as the engine takes it. */
export function personRecord(id: FragmentId, person: PersonFields): PersonFields & { readonly id: string } {
  return { id, ...person };
}
