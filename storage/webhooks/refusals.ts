import { ConditionFailed, StoreUnavailable } from '../errors.ts';
import { decodeJson, encodeJson } from '../json.ts';
import type { Table } from '../ports.ts';
import type { RefusedCounts, WebhookStore } from './types.ts';

const PARTITION = 'refused';
/** Rounds against other gateways that count for the same source. */
const ROUNDS_MAX = 50;

/** Counts of refused requests, one item a source. */
export function createRefusals(table: Table): Pick<WebhookStore, 'addRefused' | 'refused'> {
  async function add(source: string, counts: RefusedCounts): Promise<void> {
    const key = { pk: PARTITION, sk: source };
    for (let round = 0; round < ROUNDS_MAX; round++) {
      const item = await table.get(key);
      const total: Record<string, number> = item === undefined ? {} : decodeJson(item.value);
      for (const [reason, count] of Object.entries(counts)) total[reason] = (total[reason] ?? 0) + count;
      const version = item?.version ?? 0;
      try {
        await table.write([
          {
            kind: 'put',
            ...key,
            version: version + 1,
            value: encodeJson(total),
            expect: item === undefined ? 'absent' : version,
          },
        ]);
        return;
      } catch (error) {
        if (!(error instanceof ConditionFailed)) throw error;
      }
    }
    throw new StoreUnavailable('the counter of refused requests, which other writers keep changing,');
  }

  return {
    async addRefused(counts) {
      for (const [source, own] of counts) await add(source, own);
    },
    async refused() {
      const found = new Map<string, RefusedCounts>();
      for (;;) {
        const after = [...found.keys()].at(-1);
        const page = await table.query({ pk: PARTITION, ...(after === undefined ? {} : { after }) });
        for (const item of page) found.set(item.sk, decodeJson<RefusedCounts>(item.value));
        if (page.length < 1_000) return found;
      }
    },
  };
}
