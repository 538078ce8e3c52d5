import { ConditionFailed } from '../errors.ts';
import { decodeJson, encodeJson } from '../json.ts';
import type { Key, Table } from '../ports.ts';
import { cachedRead } from '../registry/cached-read.ts';

/** Whether a source's items are being mapped again, and how often they were. */
export interface ReplayingState {
  readonly runs: number;
  readonly isRunning: boolean;
}

/** Which sources are being mapped again: what their pumps remember of evidence may be taken back meanwhile. */
export interface ReplayingStates {
  setReplaying(source: string, runId: string, isRunning: boolean): Promise<void>;
  /** Cached for a second. */
  replaying(source: string): Promise<ReplayingState>;
}

/** Rounds against other writers. */
const ROUNDS_MAX = 20;

interface StoredState extends ReplayingState {
  readonly runId: string;
}

/** Keeps the states in the intake table. `now` is in milliseconds. */
export function createReplayingStates(table: Table, now: () => number): ReplayingStates {
  const stateKey = (source: string): Key => ({ pk: 'mapping-replaying', sk: source });
  const states = new Map<string, ReturnType<typeof cachedRead<ReplayingState>>>();

  async function readState(source: string): Promise<StoredState & { readonly version: number }> {
    const item = await table.get(stateKey(source));
    if (item === undefined) return { version: 0, runs: 0, isRunning: false, runId: '' };
    return { version: item.version, ...decodeJson<StoredState>(item.value) };
  }

  return {
    setReplaying: async (source, runId, isRunning) => {
      for (let round = 0; ; round++) {
        const { version, ...before } = await readState(source);
        if (before.runId === runId && before.isRunning === isRunning) return;
        const after: StoredState = { runId, isRunning, runs: before.runs + (isRunning ? 0 : 1) };
        try {
          await table.write([
            {
              ...{ kind: 'put', ...stateKey(source), version: version + 1, value: encodeJson(after) },
              expect: version === 0 ? 'absent' : version,
            },
          ]);
          states.get(source)?.forget();
          return;
        } catch (error) {
          if (!(error instanceof ConditionFailed) || round === ROUNDS_MAX) throw error;
        }
      }
    },
    replaying: (source) => {
      let state = states.get(source);
      if (state === undefined) states.set(source, (state = cachedRead(() => readState(source), now)));
      return state.get();
    },
  };
}
