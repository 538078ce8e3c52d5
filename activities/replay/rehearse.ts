import { ApplicationFailure, Context } from '@temporalio/activity';
import type { RawItem } from '../../domain/ingestion/raw.ts';
import { compareMapped } from '../../domain/mapping/compare.ts';
import { compileMapping, mapItem, type CompiledMapping, type Mapped } from '../../domain/mapping/map-item.ts';
import { addRehearsals, NO_REHEARSAL, type Rehearsal } from '../../storage/intake/rehearsals.ts';
import { fallbackMessageId } from '../ingest/prepare.ts';
import { breathe } from '../ingest/pause.ts';
import { patiently } from '../ingest/patience.ts';
import type { ReplayDeps } from './index.ts';

/** One slice of a rehearsal. */
export interface RehearseInput {
  readonly tenant: string;
  readonly source: string;
  readonly runId: string;
  /** `name@version` that is in force, and the one to try. */
  readonly before: string;
  readonly after: string;
  /** When items were received, `receivedFrom` inclusive, `receivedTo` exclusive. ISO 8601 UTC. */
  readonly receivedFrom?: string;
  readonly receivedTo?: string;
  /** From 0. */
  readonly slice: number;
  /** The key of the last batch of the slice before. */
  readonly cursor?: string;
}

/** How far the slice got; without a cursor it was the last. */
export interface RehearseResult {
  readonly items: number;
  readonly batches: number;
  readonly cursor?: string;
}

/** Batches of one slice. */
const SLICE_BATCHES = 200;
const HEARTBEAT_MS = 1_000;

async function compiled({ store }: ReplayDeps, ref: string): Promise<CompiledMapping> {
  const definition = await store.registry.mapping(ref);
  if (definition === undefined)
    throw ApplicationFailure.nonRetryable(
      `there is no mapping ${ref}; name one that exists`,
      'UnknownMapping',
    );
  return compileMapping(definition);
}

/** Maps a slice of a source's raw batches by two mappings and notes how they differ. Stores nothing else. */
export async function rehearseSliceOf(deps: ReplayDeps, input: RehearseInput): Promise<RehearseResult> {
  const { store } = deps;
  const context = Context.current();
  const patience = { signal: context.cancellationSignal, waiting: () => undefined };
  const beat = setInterval(() => {
    context.heartbeat();
  }, HEARTBEAT_MS);
  try {
    const [before, after] = await Promise.all([compiled(deps, input.before), compiled(deps, input.after)]);
    const { identity, defaultCountry } = await store.registry.config();
    const keys = await patiently(patience, () =>
      store.batches.stored(input.source, {
        limit: SLICE_BATCHES,
        ...(input.cursor === undefined ? {} : { after: input.cursor }),
      }),
    );
    const ofMapping = (input.after.split('@')[0] ?? '').trim();
    let found: Rehearsal = NO_REHEARSAL;
    for (const key of keys) {
      const batch = await patiently(patience, () => store.batches.readStored(key));
      // A source may use several mappings; only items of the one that changes are meant.
      if (batch === undefined || batch.header.mapping.split('@')[0] !== ofMapping) continue;
      const { header, items } = batch;
      const map = (mapping: CompiledMapping, item: RawItem, index: number): Mapped =>
        mapItem(mapping, item, {
          source: header.source,
          rules: identity,
          ...(defaultCountry === undefined ? {} : { defaultCountry }),
          fallbackMessageId: fallbackMessageId(header, index, item),
        });
      found = addRehearsals(
        found,
        rehearse(items, input, (item, index) => [map(before, item, index), map(after, item, index)]),
      );
      await breathe();
    }
    await patiently(patience, () => store.rehearsals.putSlice(input.runId, input.slice, found));
    const last = keys.at(-1);
    const goesOn = keys.length === SLICE_BATCHES && last !== undefined;
    return { items: found.items, batches: found.batches, ...(goesOn ? { cursor: last } : {}) };
  } finally {
    clearInterval(beat);
  }
}

function rehearse(
  items: readonly RawItem[],
  { receivedFrom = '', receivedTo }: Pick<RehearseInput, 'receivedFrom' | 'receivedTo'>,
  both: (item: RawItem, index: number) => readonly [Mapped, Mapped],
): Rehearsal {
  const counts = { same: 0, changed: 0, mended: 0, broken: 0, refused: 0 };
  const by = {
    fields: new Map<string, number>(),
    mended: new Map<string, number>(),
    broken: new Map<string, number>(),
  };
  const add = (to: Map<string, number>, name: string): void => void to.set(name, (to.get(name) ?? 0) + 1);
  let seen = 0;
  for (const [index, item] of items.entries()) {
    // What is sent again was taken in before, and is there as it was then.
    if (item.place !== undefined) continue;
    if (item.receivedAt < receivedFrom || (receivedTo !== undefined && item.receivedAt >= receivedTo))
      continue;
    seen += 1;
    if (item.reject !== undefined) {
      counts.refused += 1;
      continue;
    }
    const difference = compareMapped(...both(item, index));
    counts[difference.kind] += 1;
    if (difference.kind === 'changed') for (const field of difference.fields) add(by.fields, field);
    if (difference.kind === 'mended' || difference.kind === 'broken')
      add(by[difference.kind], difference.code);
  }
  return {
    ...{ batches: 1, items: seen, ...counts },
    fields: Object.fromEntries(by.fields),
    mendedBy: Object.fromEntries(by.mended),
    brokenBy: Object.fromEntries(by.broken),
  };
}
