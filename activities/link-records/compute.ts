import { clusterSizes, spanningLinks } from '../../domain/link-records/links.ts';
import type { LinkReport } from '../../domain/link-records/report.ts';
import type { LinkRequest } from '../../domain/link-records/run.ts';
import { Preparer, cluster, probability, score, train } from '../../domain/linkage/index.ts';
import type {
  Clustering,
  IndexPair,
  LinkageModel,
  Prepared,
  ScoredPairs,
  Training,
} from '../../domain/linkage/index.ts';
import { StorageError } from '../../storage/errors.ts';
import type { TenantStore } from '../../storage/tenant.types.ts';
import { qualityOf } from './quality.ts';
import {
  COMPUTE_PART,
  LISTING_PART,
  READ_PART,
  type ComputeResult,
  type KeptResult,
  type Listing,
  type ReadResult,
  type WorkPair,
  type WorkRecord,
} from './types.ts';

/** Pairs of one part of what a run writes. */
const PART_PAIRS = 2_000;

type Store = Pick<TenantStore, 'linkage'>;

/**
 * Prepares, trains (or takes a saved model), scores and clusters the records that were read, and puts aside what is to
 * be written. Nothing is linked here. Once done it answers the same for the same run.
 */
export async function computeRun(
  store: Store,
  request: LinkRequest,
  beat: () => void,
): Promise<ComputeResult> {
  const { runId } = request;
  const { work } = store.linkage;
  const known = await work.get<KeptResult>(runId, 'result', COMPUTE_PART);
  if (known !== undefined) return withoutReport(known);
  const [listing, read] = await Promise.all([
    work.get<Listing>(runId, 'result', LISTING_PART),
    work.get<ReadResult>(runId, 'result', READ_PART),
  ]);
  if (listing === undefined || read === undefined)
    throw new StorageError('nothing-read', `run ${runId} has read no records`);
  const prepared = await prepareParts(store, runId, read.parts, beat);
  const training = await modelOf(store, request, prepared);
  const result = training.ok
    ? await link(store, request, { prepared, listing, model: training.model, version: training.version })
    : refused(listing, training);
  await work.put(runId, 'result', COMPUTE_PART, result);
  return withoutReport(result);
}

/** The report is the store's: a history holds counts and ids alone. */
function withoutReport(kept: KeptResult): ComputeResult {
  const { report, ...result } = kept;
  return report === undefined ? kept : result;
}

async function prepareParts(store: Store, runId: string, parts: number, beat: () => void): Promise<Prepared> {
  const preparer = new Preparer();
  for (let part = 0; part < parts; part++) {
    for (const { f, s, p } of (await store.linkage.work.get<WorkRecord[]>(runId, 'records', part)) ?? [])
      preparer.add({ id: f, source: s, ...p });
    beat();
  }
  return preparer.finish();
}

type Versioned = (Training & { ok: false }) | (Training & { ok: true; version: string });

/** The saved model that was asked for, or one trained on these records and kept under the run's id. */
async function modelOf(store: Store, request: LinkRequest, prepared: Prepared): Promise<Versioned> {
  const { models } = store.linkage;
  const kept = await models.get(request.model ?? request.runId);
  if (kept !== undefined) return { ok: true, model: kept.model, version: kept.version };
  if (request.model !== undefined)
    throw new StorageError('unknown-model', `there is no model ${request.model}`);
  const training = train(prepared);
  if (!training.ok) return training;
  const { sources, recordType, runId } = request;
  await models.put({
    version: runId,
    scope: { sources, recordType },
    trainedAt: new Date().toISOString(),
    model: training.model,
  });
  return { ...training, version: runId };
}

function refused(listing: Listing, { refusal }: Training & { ok: false }): KeptResult {
  return {
    ...nothing(listing),
    refused: { code: refusal.reason, detail: refusal.message },
  };
}

function nothing(listing: Listing): ComputeResult {
  const counts = { pairs: 0, clusters: 0, links: 0, reviews: 0, linkParts: 0, reviewParts: 0 };
  return { ...counts, comparedAt: listing.knownAt };
}

interface Linking {
  readonly prepared: Prepared;
  readonly listing: Listing;
  readonly model: LinkageModel;
  readonly version: string;
}

async function link(store: Store, request: LinkRequest, linking: Linking): Promise<KeptResult> {
  const { prepared, model, listing, version } = linking;
  if (!model.converged)
    return {
      ...nothing(listing),
      model: version,
      refused: {
        code: 'not-converged',
        detail: `the model did not converge in ${model.iterations} iterations, so that nothing is linked; add records or fields`,
      },
    };
  const scored = score(prepared, model);
  const clustering = cluster(prepared, model, scored, {
    linkAt: request.thresholdLink,
    reviewAt: request.thresholdReview,
    cannotLink: byIndex(prepared, listing.cannot),
    mustLink: byIndex(prepared, listing.must),
  });
  const links = spanningLinks(scored, clustering.cluster);
  const { clusters, sizes } = clusterSizes(clustering.cluster);
  const report: LinkReport = {
    records: prepared.size,
    pairs: scored.length,
    blocking: model.blocking,
    ...qualityOf(scored, clustering.cluster),
    clusterSizes: sizes,
    prior: model.prior,
    comparisons: model.comparisons,
    iterations: model.iterations,
    converged: model.converged,
  };
  return {
    comparedAt: listing.knownAt,
    pairs: scored.length,
    clusters,
    links: links.length,
    reviews: clustering.review.length,
    linkParts: await putParts(store, request.runId, 'links', linkPairs(prepared, scored, links)),
    reviewParts: await putParts(store, request.runId, 'reviews', reviewPairs(prepared, clustering)),
    model: version,
    report,
  };
}

function* linkPairs(prepared: Prepared, scored: ScoredPairs, links: readonly number[]): Generator<WorkPair> {
  for (const pair of links) {
    const [a, b] = [prepared.ids[scored.a[pair] ?? -1] ?? '', prepared.ids[scored.b[pair] ?? -1] ?? ''];
    const weight = scored.weight[pair] ?? 0;
    yield [a, b, weight, probability(weight)];
  }
}

function* reviewPairs(prepared: Prepared, { review }: Clustering): Generator<WorkPair> {
  for (const { a, b, weight, probability: likely } of review)
    yield [prepared.ids[a] ?? '', prepared.ids[b] ?? '', weight, likely];
}

async function putParts(
  store: Store,
  runId: string,
  kind: 'links' | 'reviews',
  pairs: Iterable<WorkPair>,
): Promise<number> {
  let parts = 0;
  let part: WorkPair[] = [];
  const flush = async (): Promise<void> => {
    if (part.length > 0) await store.linkage.work.put(runId, kind, parts++, part);
    part = [];
  };
  for (const pair of pairs) {
    part.push(pair);
    if (part.length === PART_PAIRS) await flush();
  }
  await flush();
  return parts;
}

/** Pairs of fragments as pairs of records; those that are no records of this run are left out. */
function byIndex(prepared: Prepared, pairs: Listing['must']): IndexPair[] {
  if (pairs.length === 0) return [];
  const places = new Map(prepared.ids.map((id, at) => [id, at]));
  return pairs.flatMap(([a, b]): IndexPair[] => {
    const [one, two] = [places.get(a), places.get(b)];
    return one === undefined || two === undefined ? [] : [[one, two]];
  });
}
