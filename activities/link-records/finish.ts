import type { TenantStore } from '../../storage/tenant.types.ts';
import { requestOf } from './plan.ts';
import { COMPUTE_PART, type FinishInput, type KeptResult } from './types.ts';

/**
 * Keeps what came of a run, lets its scope use its model and index from now on, and removes what it put aside. Run
 * again, it leaves the same.
 */
export async function finishRun(store: Pick<TenantStore, 'linkage'>, input: FinishInput): Promise<void> {
  const { progress, runId } = input;
  const { runs, work, index } = store.linkage;
  const request = await requestOf(store, input);
  const computed = await work.get<KeptResult>(runId, 'result', COMPUTE_PART);
  const kept = await runs.run(runId);
  const report = computed?.report ?? kept?.report;
  const finishedAt = kept?.finishedAt ?? new Date().toISOString();
  await runs.putOutcome(progress, { finishedAt, ...(report === undefined ? {} : { report }) });
  if (progress.stage === 'done' && !request.dryRun && computed?.model !== undefined) {
    const before = await runs.current(request);
    await runs.setCurrent({
      scope: { sources: request.sources, recordType: request.recordType },
      runId,
      model: computed.model,
      index: computed.index ?? runId,
      updatedAt: finishedAt,
    });
    if (before !== undefined && before.index !== (computed.index ?? runId)) await index.remove(before.index);
  }
  await work.remove(runId);
}
