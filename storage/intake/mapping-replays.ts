import type {
  MappingReplay,
  MappingReplayCounts,
  MappingReplayOutcome,
} from '../../domain/mapping/replay.ts';
import { NO_REPLAY_COUNTS, addReplayCounts } from '../../domain/mapping/replay.ts';
import { ConditionFailed } from '../errors.ts';
import { decodeJson, encodeJson } from '../json.ts';
import type { Key, Storage } from '../ports.ts';
import type { Vault } from '../vault/types.ts';
import { intakeSeal } from './context.ts';
import { createReplayWork, SLICE_DIGITS } from './mapping-replay-work.ts';
import type { ReplayWork } from './mapping-replay-work.ts';
import { createReplayingStates } from './mapping-replaying.ts';
import type { ReplayingStates } from './mapping-replaying.ts';

/**
 * Runs of another mapping version over stored items: what was asked, the plan, and what came of each slice. All sealed under
 * the tenant's intake key; what holds events is forgotten with the run's end.
 */
export interface MappingReplayStore extends ReplayWork, ReplayingStates {
  /** Keeps a request; one that is there under the id stays. */
  putRequest(replay: MappingReplay): Promise<void>;
  request(runId: string): Promise<MappingReplay | undefined>;
  /** Idempotent by slice. */
  putCounts(runId: string, slice: number, counts: MappingReplayCounts): Promise<void>;
  /** The sum of all slices so far. */
  counts(runId: string): Promise<MappingReplayCounts>;
  /** Keeps how a run ended; the first to say so stands. */
  end(runId: string, outcome: MappingReplayOutcome): Promise<void>;
  outcome(runId: string): Promise<MappingReplayOutcome | undefined>;
}

/** Records of runs are forgotten after so long. */
const KEPT_SECONDS = 90 * 86_400;
const LIST_PAGE = 1_000;

/** Opens the tenant's runs. `now` is in milliseconds. */
export function createMappingReplayStore(options: {
  readonly tenant: string;
  readonly storage: Pick<Storage, 'intake' | 'blobs'>;
  readonly vault: Vault;
  readonly now?: () => number;
}): MappingReplayStore {
  const { tenant, storage, vault, now = Date.now } = options;
  const { intake: table, blobs } = storage;
  const sealer = intakeSeal(tenant, vault);
  const padded = (slice: number): string => String(slice).padStart(SLICE_DIGITS, '0');
  const recordKey = (runId: string, name: string): Key => ({ pk: `mapping-replay/${runId}`, sk: name });

  async function putRecord(runId: string, name: string, value: unknown): Promise<void> {
    const key = recordKey(runId, name);
    const sealed = await sealer.seal(`${key.pk}/${key.sk}`, encodeJson(value));
    const expiresAt = Math.floor(now() / 1_000) + KEPT_SECONDS;
    try {
      await table.write([{ kind: 'put', ...key, version: 1, value: sealed, expiresAt, expect: 'absent' }]);
    } catch (error) {
      if (!(error instanceof ConditionFailed)) throw error;
    }
  }

  async function record<T>(runId: string, name: string): Promise<T | undefined> {
    const item = await table.get(recordKey(runId, name));
    if (item === undefined) return undefined;
    return decodeJson<T>(await sealer.open(`${item.pk}/${item.sk}`, item.value));
  }

  return {
    putRequest: (replay) => putRecord(replay.runId, 'request', replay),
    request: (runId) => record(runId, 'request'),
    ...createReplayWork(blobs, sealer),
    putCounts: (runId, slice, counts) => putRecord(runId, `slice/${padded(slice)}`, counts),
    counts: async (runId) => {
      let sum = NO_REPLAY_COUNTS;
      const range = { pk: recordKey(runId, '').pk, from: 'slice/', to: 'slice0' };
      for (let after: string | undefined; ;) {
        const page = await table.query({ ...range, ...(after === undefined ? {} : { after }) });
        for (const { pk, sk, value } of page) {
          const counts = decodeJson<MappingReplayCounts>(await sealer.open(`${pk}/${sk}`, value));
          sum = addReplayCounts(sum, counts);
        }
        after = page.at(-1)?.sk;
        if (page.length < LIST_PAGE || after === undefined) return sum;
      }
    },
    end: (runId, outcome) => putRecord(runId, 'outcome', outcome),
    outcome: (runId) => record(runId, 'outcome'),
    ...createReplayingStates(table, now),
  };
}
