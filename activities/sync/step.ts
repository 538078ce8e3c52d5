import { ApplicationFailure, CancelledFailure, Context } from '@temporalio/activity';
import { durationMs } from '../../domain/duration.ts';
import { advance, isInOrder, type SyncCursor } from '../../domain/sync/cursor.ts';
import { schemaChanges } from '../../domain/sync/drift.ts';
import { addCounts, NO_COUNTS, type StreamCounts } from '../../domain/sync/types.ts';
import type { StreamState, SyncConfig, SyncRun } from '../../storage/syncs/types.ts';
import { sleep } from '../ingest/pause.ts';
import { vendorCall } from './call.ts';
import { sortOut, SYNC_LANE, takeIn, type SortedPage } from './take-in.ts';
import type { Outcome, SyncDeps, VendorApi, VendorCall, VendorPage } from './types.ts';
import { VENDOR_APIS } from './vendors.ts';

/** Reading waits while so many batches of the lane are not yet drained. */
const PENDING_MAX = 20;
const PENDING_LOOK_MS = 50;
/** Pages that are remembered, to know one that comes again. */
const SEEN_MAX = 200;

/** Which step of which run. */
export interface StepInput {
  readonly tenant: string;
  readonly source: string;
  readonly runId: string;
  /** Steps that are through. */
  readonly step: number;
}

/** What a step came to. */
export type SyncStep =
  | {
      readonly kind: 'read';
      /** Of the whole run so far. */
      readonly counts: StreamCounts;
      readonly stream: string;
      readonly done: boolean;
    }
  | { readonly kind: 'wait'; readonly ms: number; readonly why: string }
  | { readonly kind: 'trouble'; readonly why: string };

/** A run that can't go on unless somebody changes something; `why` says what. */
export function syncRefused(why: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(why, 'SyncRefused');
}

/** The configuration of a source's sync. Throws `SyncRefused` where there is none. */
export async function configOf(deps: SyncDeps, source: string): Promise<SyncConfig> {
  const config = await deps.store.syncs.config(source);
  if (config !== undefined) return config;
  throw syncRefused(`${source} has no sync; set one up with: tessera source sync set ${source}`);
}

function totalOf(run: SyncRun): StreamCounts {
  return run.streams.reduce<StreamCounts>(addCounts, NO_COUNTS);
}

function readStep(run: SyncRun): SyncStep {
  const stream = run.streams.find(({ done }) => !done) ?? run.streams.at(-1);
  const done = run.streams.every((one) => one.done);
  return { kind: 'read', counts: totalOf(run), stream: stream?.stream ?? '', done };
}

/**
 * Does the next step of a run: asks the vendor which fields an object has, or reads a page, takes its records in, and then,
 * and not before, moves the cursor. A step that is through already is answered from what it left.
 */
export async function stepSync(deps: SyncDeps, input: StepInput): Promise<SyncStep> {
  const config = await configOf(deps, input.source);
  const run = await deps.store.syncs.run(input);
  if (run === undefined) throw syncRefused('the run was never begun');
  const stream = run.streams.find(({ done }) => !done);
  if (run.step > input.step || stream === undefined) return readStep(run);
  const signal = Context.current().cancellationSignal;
  const api = VENDOR_APIS[config.vendor];
  const nowMs = (deps.now ?? Date.now)();
  const call = vendorCall({ syncs: deps.store.syncs, api, config, signal, nowMs });
  const work = { deps, config, api, call, run, now: new Date(nowMs).toISOString() };
  const outcome = run.described.includes(stream.object)
    ? await readPage(work, stream)
    : await describe(work, stream.object);
  return answer(deps, input.source, outcome);
}

function answer(deps: SyncDeps, source: string, outcome: Outcome<SyncRun>): SyncStep {
  switch (outcome.kind) {
    case 'ok':
      return readStep(outcome.value);
    case 'wait':
      deps.observer.waiting(source, 'rate-limit');
      return { kind: 'wait', ms: outcome.ms, why: outcome.why };
    case 'trouble':
      deps.observer.waiting(source, 'trouble');
      return { kind: 'trouble', why: outcome.why };
    case 'refused':
      throw syncRefused(outcome.why);
    case 'restart':
    case 'expired':
      return { kind: 'trouble', why: 'the vendor does not take what it gave' };
    default:
      return outcome satisfies never;
  }
}

interface Work {
  readonly deps: SyncDeps;
  readonly config: SyncConfig;
  readonly api: VendorApi;
  readonly call: VendorCall;
  readonly run: SyncRun;
  readonly now: string;
}

async function describe(
  { deps, config, api, call, run, now }: Work,
  object: string,
): Promise<Outcome<SyncRun>> {
  const described = await api.describe(call, object);
  if (described.kind !== 'ok') return described;
  const before = await deps.store.syncs.schema(config.source, object);
  const drift = schemaChanges(object, before.value?.types, described.value.types, now);
  const after: SyncRun = {
    ...run,
    step: run.step + 1,
    described: [...run.described, object],
    drift: [...run.drift, ...drift],
  };
  const schema = { object, value: described.value, version: before.version };
  await deps.store.syncs.record({ run, after, schema });
  return { kind: 'ok', value: after };
}

/** Fields that are named and that the vendor has; those that have vanished are told as drift, and no reason to stop. */
function fieldsOf(config: SyncConfig, object: string, described: SchemaFields): readonly string[] {
  const named = Object.hasOwn(config.fields, object) ? config.fields[object] : undefined;
  return named?.filter((name) => Object.hasOwn(described.types, name)) ?? described.read;
}

interface SchemaFields {
  readonly types: Readonly<Record<string, string>>;
  readonly read: readonly string[];
}

async function readPage(work: Work, stream: StreamState): Promise<Outcome<SyncRun>> {
  const { deps, config, api, call, run } = work;
  const { syncs } = deps.store;
  await waitForRoom(deps, config.source);
  const described = (await syncs.schema(config.source, stream.object)).value ?? { types: {}, read: [] };
  const fields = fieldsOf(config, stream.object, described);
  const page = await api.page(call, { config, stream, fields });
  if (page.kind === 'restart') return restart(work, stream);
  if (page.kind !== 'ok') return page;
  const cursor = await syncs.cursor(config.source, stream.stream);
  const known = { cursor: cursor.value, rowsBefore: totalOf(run).rows };
  const sorted = sortOut(api, stream, page.value, known);
  if (page.value.next !== undefined && stream.seen.includes(sorted.digest)) {
    return {
      kind: 'refused',
      why:
        `the vendor answers the same page of ${stream.stream} again and again; what was read before is kept. ` +
        'Tell the vendor, then trigger the schedule again',
    };
  }
  const batchIds = await takeIn(deps, config, run, sorted.lines);
  const after = afterPage(run, stream, page.value, sorted);
  const moved = movedCursor(work, cursor.value, after, sorted);
  await syncs.record({
    run,
    after: after.run,
    batchIds,
    ...(moved === undefined
      ? {}
      : { cursor: { stream: stream.stream, value: moved, version: cursor.version } }),
  });
  deps.observer.page(config.source, sorted.counts);
  return { kind: 'ok', value: after.run };
}

function withStream(run: SyncRun, stream: StreamState): SyncRun {
  const streams = run.streams.map((one) => (one.stream === stream.stream ? stream : one));
  return { ...run, step: run.step + 1, streams };
}

function afterPage(
  run: SyncRun,
  stream: StreamState,
  page: VendorPage,
  sorted: SortedPage,
): { readonly run: SyncRun; readonly stream: StreamState } {
  const latest = sorted.records.reduce(
    (last: string | null, { modified }) => (last === null || modified > last ? modified : last),
    stream.latest,
  );
  const moved: StreamState = {
    ...stream,
    ...addCounts(stream, sorted.counts),
    latest,
    inOrder: stream.inOrder && isInOrder(stream.latest, sorted.records),
    position: page.next ?? null,
    seen: [...stream.seen, sorted.digest].slice(-SEEN_MAX),
    done: page.next === undefined,
  };
  const usage = page.apiUsage === undefined ? {} : { apiUsage: page.apiUsage };
  return { run: { ...withStream(run, moved), ...usage }, stream: moved };
}

/** Where the next run reads from; from where this one did, as long as what comes out of order is not all read. */
function movedCursor(
  { config, now }: Work,
  before: SyncCursor | undefined,
  { stream }: { readonly stream: StreamState },
  sorted: SortedPage,
): SyncCursor | undefined {
  const overlapMs = durationMs(config.overlap) ?? 0;
  const redo = stream.inOrder || stream.done ? {} : { redoFrom: stream.from };
  return advance(before, sorted.records, { overlapMs, now, ...redo });
}

/** The address of the next page is too old: the stream is read on from the latest modification that was read. */
async function restart({ deps, run }: Work, stream: StreamState): Promise<Outcome<SyncRun>> {
  if (stream.seen.length === 0) {
    return { kind: 'refused', why: `the vendor forgets the pages of ${stream.stream} before they are read` };
  }
  // What was seen stays: a page that comes again now is no progress.
  const again = { ...stream, position: null, from: stream.inOrder ? stream.latest : stream.from };
  const after = withStream(run, again);
  await deps.store.syncs.record({ run, after });
  return { kind: 'ok', value: after };
}

async function waitForRoom({ store }: SyncDeps, source: string): Promise<void> {
  const signal = Context.current().cancellationSignal;
  for (;;) {
    const pending = await store.batches.pending(source, SYNC_LANE, PENDING_MAX + 1);
    if (pending.length <= PENDING_MAX) return;
    await sleep(PENDING_LOOK_MS, signal);
    if (signal.aborted) throw new CancelledFailure('the sync was cancelled');
  }
}
