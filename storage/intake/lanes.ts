import { ConditionFailed } from '../errors.ts';
import { decodeJson, encodeJson } from '../json.ts';
import type { Table } from '../ports.ts';
import type { LaneStatus } from './types.ts';

const LANES = 'lanes';

/** A lane that batches were ever announced on. */
export interface Lane {
  readonly source: string;
  readonly lane: number;
  readonly status: LaneStatus;
}

/** Which lanes there are, and whether their pumps run. */
export interface Lanes {
  /** Puts the lane on the list before its first batch, so that whoever looks for pending batches finds it. */
  ensure(source: string, lane: number): Promise<void>;
  status(source: string, lane: number): Promise<LaneStatus>;
  set(source: string, lane: number, status: LaneStatus): Promise<void>;
  list(): Promise<Lane[]>;
}

/** Keeps the lanes in the intake table. */
export function createLanes(table: Table): Lanes {
  const known = new Set<string>();
  const key = (source: string, lane: number): { pk: string; sk: string } => ({
    pk: LANES,
    sk: `${source}/${String(lane)}`,
  });
  const put = (lane: Lane): { kind: 'put'; pk: string; sk: string; version: number; value: Uint8Array } => ({
    kind: 'put',
    ...key(lane.source, lane.lane),
    version: 1,
    value: encodeJson(lane),
  });
  return {
    async ensure(source, lane) {
      const { sk } = key(source, lane);
      if (known.has(sk)) return;
      try {
        await table.write([{ ...put({ source, lane, status: 'idle' }), expect: 'absent' }]);
      } catch (error) {
        if (!(error instanceof ConditionFailed)) throw error;
      }
      known.add(sk);
    },
    async status(source, lane) {
      const item = await table.get(key(source, lane));
      return item === undefined ? 'idle' : decodeJson<Lane>(item.value).status;
    },
    async set(source, lane, status) {
      await table.write([put({ source, lane, status })]);
      known.add(key(source, lane).sk);
    },
    async list() {
      const lanes: Lane[] = [];
      let after: string | undefined;
      for (;;) {
        const items = await table.query({ pk: LANES, ...(after === undefined ? {} : { after }) });
        for (const item of items) lanes.push(decodeJson<Lane>(item.value));
        const last = items.at(-1);
        if (last === undefined || items.length < 1_000) return lanes;
        after = last.sk;
      }
    },
  };
}
