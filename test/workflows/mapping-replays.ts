import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { QuarantineActivities } from '../../activities/quarantine/index.ts';
import type { ReplayMappingActivities } from '../../activities/replay-mapping/index.ts';
import type { FinishReplayInput } from '../../activities/replay-mapping/types.ts';
import { NO_REPLAY_COUNTS } from '../../domain/mapping/replay.ts';
import { withWorker } from './worker.ts';

/** Replays that a test drives: so many slices of ten items, two of them corrected. */
export class FakeMappingReplays {
  readonly slices: number[] = [];
  readonly ended: FinishReplayInput['ended'][] = [];
  /** Slices that fail before one succeeds. */
  failures = 0;
  /** Told before each slice. */
  onSlice: (slice: number) => Promise<void> = () => Promise.resolve();
  readonly #count: number;

  constructor(count: number) {
    this.#count = count;
  }

  get activities(): ReplayMappingActivities & QuarantineActivities {
    return {
      planReplay: () => Promise.resolve({ slices: this.#count }),
      replaySlice: async ({ slice }) => {
        await this.onSlice(slice);
        if (this.failures > 0) {
          this.failures -= 1;
          throw new RangeError('tried again');
        }
        this.slices.push(slice);
        return { ...NO_REPLAY_COUNTS, items: 10, same: 8, corrected: 2, moved: 1 };
      },
      judgeRound: ({ round }) => Promise.resolve({ regions: round === 1 ? 3 : 0, left: 0 }),
      releaseStep: ({ step }) => Promise.resolve({ released: 4, gone: 0, done: step === 1 }),
      releaseOutcome: () => Promise.resolve({ heldAgain: 1 }),
      finishReplay: ({ ended }) => {
        this.ended.push(ended);
        return Promise.resolve();
      },
    };
  }
}

/** Runs a worker over fake replays while `body` runs. */
export async function withMappingReplays<T>(
  environment: TestWorkflowEnvironment,
  replays: FakeMappingReplays,
  body: () => Promise<T>,
): Promise<T> {
  return withWorker(environment, replays.activities, body);
}
