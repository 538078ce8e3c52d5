import { requestOf } from './common.ts';
import type { FinishReplayInput, ReplayMappingDeps } from './types.ts';

/** Keeps how a run ended, and lets pumps remember again what they told. Forgets what the run worked with. */
export async function finishReplayOf(deps: ReplayMappingDeps, input: FinishReplayInput): Promise<void> {
  const { store } = deps;
  const { source, runId, ended } = input;
  await requestOf(deps, input);
  const counts = await store.mappingReplays.counts(runId);
  await store.mappingReplays.setReplaying(source, runId, false);
  await store.mappingReplays.end(runId, { ...counts, ...ended, endedAt: new Date().toISOString() });
  await store.mappingReplays.drop(runId);
}
