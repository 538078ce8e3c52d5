import { clusterCount, spanningLinks } from '../../domain/link-records/links.ts';
import type { LinkReport } from '../../domain/link-records/report.ts';
import type { LinkRequest } from '../../domain/link-records/run.ts';
import { Preparer, cluster, probability, qualityReport, score, train } from '../../domain/linkage/index.ts';
import type {
  Clustering,
  IndexPair,
  LinkageModel,
  Prepared,
  ScoredPairs,
  Training,
} from '../../domain/linkage/index.ts';
import { recordReader } from '../../storage/linkage/read-record.ts';
import { StorageError } from '../../storage/errors.ts';
import type { TenantStore } from '../../storage/tenant.types.ts';
import { linkIncrement } from './incremental.ts';
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

type Store = Pick<TenantStore, 'linkage' | 'log' | 'registry'>;

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
  const result =
    request.mode === 'incremental'
      ? await computeIncrement(store, request, { listing, parts: read.parts, beat })
      : await computeAll(store, request, { listing, parts: read.parts, beat });
  await work.put(runId, 'result', COMPUTE_PART, result);
  return withoutReport(result);
}

/** What there is to compute on. */
interface Read {
  readonly listing: Listing;
  readonly parts: number;
  readonly beat: () => void;
}

async function computeAll(store: Store, request: LinkRequest, read: Read): Promise<KeptResult> {
  const { listing } = read;
  const prepared = await prepareParts(store, request.runId, read);
  const training = await modelOf(store, request, prepared);
  if (!training.ok) return refused(listing, training);
  return link(store, request, { prepared, listing, model: training.model, version: training.version });
}

/** Records that are new or changed, under the model of the run that this one goes on from. */
async function computeIncrement(store: Store, request: LinkRequest, read: Read): Promise<KeptResult> {
  const current = await store.linkage.runs.current(request);
  const kept = current === undefined ? undefined : await store.linkage.models.get(current.model);
  if (current === undefined || kept === undefined)
    throw new StorageError(
      'no-earlier-run',
      'these sources were not linked before; link them as a whole first',
    );
  const { listing, beat } = read;
  const changed = await changedRecords(store, request.runId, read);
  const { thresholdLink, thresholdReview, runId } = request;
  const {
    ids,
    scored,
    cluster: labels,
  } = await linkIncrement({
    ...{ model: kept.model, index: store.linkage.index, indexName: current.index },
    read: recordReader(store, request, listing.knownAt),
    ...{ changed, listing, thresholdLink, thresholdReview, beat },
  });
  const links = spanningLinks(scored, labels);
  const open = [...apartPairs(scored, labels)];
  return {
    comparedAt: listing.knownAt,
    pairs: scored.length,
    clusters: clusterCount(labels),
    links: links.length,
    reviews: open.length,
    linkParts: await putParts(store, runId, 'links', scoredPairs(ids, scored, links)),
    reviewParts: await putParts(store, runId, 'reviews', scoredPairs(ids, scored, open)),
    model: kept.version,
    index: current.index,
  };
}

async function changedRecords(store: Store, runId: string, { parts, beat }: Read): Promise<WorkRecord[]> {
  const records: WorkRecord[] = [];
  for (let part = 0; part < parts; part++) {
    for (const record of (await store.linkage.work.get<WorkRecord[]>(runId, 'records', part)) ?? [])
      records.push(record);
    beat();
  }
  return records;
}

/** Pairs whose records are in two clusters, by place. */
function* apartPairs(scored: ScoredPairs, labels: Int32Array): Generator<number> {
  for (let pair = 0; pair < scored.length; pair += 1)
    if (labels[scored.a[pair] ?? -1] !== labels[scored.b[pair] ?? -1]) yield pair;
}

/** The report is the store's: a history holds counts and ids alone. */
function withoutReport(kept: KeptResult): ComputeResult {
  const { report, ...result } = kept;
  return report === undefined ? kept : result;
}

async function prepareParts(store: Store, runId: string, { parts, beat }: Read): Promise<Prepared> {
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
  const report = reportOf(prepared, model, scored, clustering);
  return {
    comparedAt: listing.knownAt,
    pairs: scored.length,
    clusters: clusterCount(clustering.cluster),
    links: links.length,
    reviews: clustering.review.length,
    linkParts: await putParts(store, request.runId, 'links', scoredPairs(prepared.ids, scored, links)),
    reviewParts: await putParts(store, request.runId, 'reviews', reviewPairs(prepared, clustering)),
    model: version,
    report,
  };
}

function reportOf(
  prepared: Prepared,
  model: LinkageModel,
  scored: ScoredPairs,
  clustering: Clustering,
): LinkReport {
  const { sizes, estimatedPrecision, estimatedRecall, blocking, comparisons } = qualityReport(
    prepared,
    model,
    clustering,
  );
  return {
    records: prepared.size,
    pairs: scored.length,
    blocking,
    precision: estimatedPrecision,
    recall: estimatedRecall,
    clusterSizes: Object.fromEntries(sizes.map(({ size, clusters }) => [size, clusters])),
    prior: model.prior,
    comparisons,
    iterations: model.iterations,
    converged: model.converged,
  };
}

function* scoredPairs(
  ids: readonly string[],
  scored: ScoredPairs,
  pairs: readonly number[],
): Generator<WorkPair> {
  for (const pair of pairs) {
    const [a, b] = [ids[scored.a[pair] ?? -1] ?? '', ids[scored.b[pair] ?? -1] ?? ''];
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
