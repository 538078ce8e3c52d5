import { ApplicationFailure, Context } from '@temporalio/activity';
import { mergePatch } from '../../domain/ingestion/merge-patch.ts';
import type { ReleaseRequest, ReleaseStep } from '../../storage/intake/releases.ts';
import type { QuarantineEntry, ReleaseHow } from '../../storage/intake/types.ts';
import { patiently } from '../ingest/patience.ts';
import type { QuarantineDeps } from './index.ts';
import type { ReleaseRunInput } from './release-outcome.ts';

/** Entries that one step sends: a few seconds of work. */
const STEP_ENTRIES = 1_000;
const HEARTBEAT_MS = 1_000;

/** One step of a release. */
export interface ReleaseStepInput extends ReleaseRunInput {
  /** From 0. */
  readonly step: number;
}

/** What a step did, and whether it was the last. */
export interface ReleaseStepResult {
  readonly released: number;
  readonly gone: number;
  /** Entries that stay held, for they are nested too deeply to be sent; absent where there are none. */
  readonly tooDeep?: number;
  readonly done: boolean;
}

function howOf(request: ReleaseRequest): ReleaseHow {
  const { mapping, patch, cameWith } = request;
  return {
    ...(cameWith === undefined ? {} : { cameWith }),
    ...(mapping === undefined ? {} : { mapping }),
    ...(patch === undefined ? {} : { correct: (body) => mergePatch(body, patch) }),
  };
}

/** Fixes which entries the step sends, at its first try. */
async function planOf(
  { store }: QuarantineDeps,
  request: ReleaseRequest,
  step: number,
): Promise<ReleaseStep> {
  const { runId } = request;
  const known = await store.releases.step(runId, step);
  if (known !== undefined) return known;
  const before = step === 0 ? undefined : await store.releases.step(runId, step - 1);
  const cursor = before?.cursor ?? undefined;
  const to =
    request.filter.to !== undefined && request.filter.to < request.requestedAt
      ? request.filter.to
      : request.requestedAt;
  const page = await store.quarantine.list(
    { ...request.filter, to, status: 'held' },
    { limit: STEP_ENTRIES, ...(cursor === undefined ? {} : { cursor }) },
  );
  const ids: Record<string, string[]> = {};
  for (const { source, id } of page.items) (ids[source] ??= []).push(id);
  return store.releases.putStep(runId, step, { ids, cursor: page.cursor });
}

async function entriesOf({ store }: QuarantineDeps, plan: ReleaseStep): Promise<QuarantineEntry[]> {
  const bySource = await Promise.all(
    Object.entries(plan.ids).map(([source, ids]) => store.quarantine.getMany(source, ids)),
  );
  return bySource.flat().filter((entry) => entry !== undefined);
}

/** Sends the next entries of a release through the normal way. Run again, it sends nothing twice. */
export async function releaseStepOf(
  deps: QuarantineDeps,
  input: ReleaseStepInput,
): Promise<ReleaseStepResult> {
  const { store } = deps;
  const { runId, step } = input;
  const context = Context.current();
  const beat = setInterval(() => {
    context.heartbeat();
  }, HEARTBEAT_MS);
  try {
    return await patiently({ signal: context.cancellationSignal, waiting: () => undefined }, async () => {
      const request = await store.releases.request(runId);
      if (request === undefined)
        throw ApplicationFailure.nonRetryable('there is no such release; ask for it again', 'UnknownRelease');
      const plan = await planOf(deps, request, step);
      const entries = await entriesOf(deps, plan);
      const call = { name: `${runId}|${String(step)}`, at: request.requestedAt };
      const { released, gone, tooDeep, batches, wake } = await store.quarantine.releaseMany(
        entries,
        call,
        howOf(request),
      );
      await store.releases.putSent(
        runId,
        step,
        batches.map(({ source, lane, batchId }) => ({ source, lane, batchId })),
      );
      for (const { source, lane } of wake) await deps.wake(source, lane);
      return { released, gone, ...(tooDeep > 0 && { tooDeep }), done: plan.cursor === null };
    });
  } finally {
    clearInterval(beat);
  }
}
