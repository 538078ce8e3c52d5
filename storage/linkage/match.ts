import { blockingKeys } from '../../domain/link-records/keys.ts';
import type { PersonFields } from '../../domain/link-records/person.ts';
import { BLOCK_MAX } from '../../domain/linkage/blocking/candidates.ts';
import { Preparer, frequencyTables, waterfallOf } from '../../domain/linkage/index.ts';
import type { FrequencyTables, PersonRecord, Waterfall } from '../../domain/linkage/index.ts';
import { clearJunk, junkOfModel } from '../../domain/linkage/junk.ts';
import { Weigher } from '../../domain/linkage/weigh.ts';
import { identifierKey, type FragmentId } from '../../domain/identity/identifier.ts';
import type { TenantStore } from '../tenant.types.ts';
import { personRecord } from './pair.ts';
import { recordReader } from './read-record.ts';
import type { CurrentScope, KeptModel } from './types.ts';

/** Most records that one match is compared with: those that share the most keys. */
const CANDIDATES_MAX = 200;
/** Least weight of an answer, in bits: less than one in a hundred is nobody's likeness. */
const LEAST_WEIGHT = -7;
/** The id under which the record to match is compared; no fragment is called so. */
const ASKED = 'asked';

/** A record that may be the person who was asked for. */
export interface MatchCandidate {
  readonly fragment: FragmentId;
  readonly type: string;
  readonly identifier: string | null;
  readonly profileId: string | null;
  readonly weight: number;
  readonly probability: number;
  readonly waterfall: Waterfall;
}

/** What was found, and by what. */
export interface MatchResult {
  readonly model: string;
  readonly sources: readonly string[];
  readonly candidates: readonly MatchCandidate[];
}

type Store = Pick<TenantStore, 'log' | 'registry' | 'linkage' | 'directory' | 'vault'>;

/** A model with what is made of it once. */
interface LoadedModel {
  readonly kept: KeptModel;
  readonly tables: FrequencyTables;
}

/**
 * Matches one person against the records of a scope: the blind index tells who shares a blocking key, the records are
 * read from the log as they are now, and the model weighs them as it would in a batch.
 */
export function createMatch(
  store: Store,
): (scope: CurrentScope, person: PersonFields, limit: number) => Promise<MatchResult> {
  let last: LoadedModel | undefined;
  async function modelOf(version: string): Promise<LoadedModel | undefined> {
    if (last?.kept.version === version) return last;
    const kept = await store.linkage.models.get(version);
    last = kept === undefined ? undefined : { kept, tables: frequencyTables(kept.model) };
    return last;
  }

  return async (scope, person, limit) => {
    const found = await modelOf(scope.model);
    const nothing = { model: scope.model, sources: scope.scope.sources, candidates: [] };
    if (found === undefined) return nothing;
    const { model } = found.kept;
    const asked = personRecord(ASKED, person);
    const fragments = await sharing(store, scope.index, blockingKeys([asked], model)[0]?.keys ?? []);
    // One read of all their keys; each record's own read then finds them in memory.
    await store.vault.keys(fragments);
    const read = recordReader(store, scope.scope);
    const records = (await Promise.all(fragments.map(read))).flatMap((record) =>
      record === undefined ? [] : [personRecord(record.fragment, record.person)],
    );
    const scored = likeliest(asked, records, found, limit);
    return { ...nothing, candidates: await named(store, scope.scope.recordType, scored) };
  };
}

interface ScoredRecord {
  readonly fragment: FragmentId;
  readonly waterfall: Waterfall;
}

/** The records that are most likely the one asked for, the likeliest first. */
function likeliest(
  asked: PersonRecord,
  records: readonly PersonRecord[],
  { kept: { model }, tables }: LoadedModel,
  limit: number,
): ScoredRecord[] {
  const preparer = new Preparer({ other: model.other });
  for (const record of [asked, ...records]) preparer.add(record);
  const prepared = preparer.view();
  const junk = junkOfModel(model);
  for (let at = 0; at < prepared.size; at += 1) clearJunk(prepared, junk, at);
  const weigher = new Weigher(prepared, model, tables);
  return records
    .map(({ id }, at) => ({ id, at: at + 1, weight: weigher.weight(0, at + 1) }))
    .filter(({ weight }) => weight >= LEAST_WEIGHT)
    .sort((x, y) => y.weight - x.weight || (x.id < y.id ? -1 : 1))
    .slice(0, limit)
    .map(({ id, at }) => ({ fragment: id, waterfall: waterfallOf(weigher, 0, at) }));
}

/** Fragments that share keys, those that share the most first. */
async function sharing(store: Store, index: string, keys: readonly string[]): Promise<FragmentId[]> {
  const shared = new Map<FragmentId, number>();
  for (const block of await store.linkage.index.lookup(index, keys))
    // As in a batch: a key that so many share says nothing about who is who.
    if (block.length < BLOCK_MAX)
      for (const fragment of block) shared.set(fragment, (shared.get(fragment) ?? 0) + 1);
  return [...shared]
    .sort(([x, m], [y, n]) => n - m || (x < y ? -1 : 1))
    .slice(0, CANDIDATES_MAX)
    .map(([fragment]) => fragment);
}

async function named(store: Store, type: string, scored: readonly ScoredRecord[]): Promise<MatchCandidate[]> {
  const fragments = scored.map(({ fragment }) => fragment);
  const [identifiers, heads] = await Promise.all([
    store.log.identifiers(fragments),
    Promise.all(fragments.map((fragment) => store.directory.profileOf(fragment))),
  ]);
  return scored.map(({ fragment, waterfall: steps }, at) => {
    const identifier = identifiers[at];
    return {
      ...{ fragment, type, weight: steps.total, probability: steps.probability },
      identifier: identifier === undefined ? null : identifierKey(identifier),
      profileId: heads[at]?.profileId ?? null,
      waterfall: steps,
    };
  });
}
