import type { MappingReplayCounts } from '../../domain/mapping/replay.ts';
import { finishReplayOf } from './finish.ts';
import { judgeRoundOf } from './judge-round.ts';
import { planRunOf } from './plan-run.ts';
import { replaySliceOf } from './replay-slice.ts';
import type { FinishReplayInput, JudgeRoundRef, ReplayMappingDeps, ReplayRef, SliceRef } from './types.ts';

/** Activities of the `replayMapping` workflow. Their names are a wire contract. Each may run again and changes nothing then. */
export interface ReplayMappingActivities {
  planReplay(input: ReplayRef): Promise<{ readonly slices: number }>;
  replaySlice(input: SliceRef): Promise<MappingReplayCounts>;
  judgeRound(input: JudgeRoundRef): Promise<{ readonly regions: number; readonly left: number }>;
  finishReplay(input: FinishReplayInput): Promise<void>;
}

/** Closes the activities over what they work with. */
export function createReplayMappingActivities(deps: ReplayMappingDeps): ReplayMappingActivities {
  return {
    planReplay: (input) => planRunOf(deps, input),
    replaySlice: (input) => replaySliceOf(deps, input),
    judgeRound: (input) => judgeRoundOf(deps, input),
    finishReplay: (input) => finishReplayOf(deps, input),
  };
}
