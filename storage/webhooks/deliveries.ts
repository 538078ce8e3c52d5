import type { Table, WriteOp } from '../ports.ts';
import { WRITE_OPS_MAX } from '../ports.ts';
import type { WebhookStore } from './types.ts';

/** Characters of a digest that name its partition, so that one busy source is spread over many. */
const SPREAD_CHARS = 1;
const NOTHING = new Uint8Array();

function keyOf(source: string, digest: string): { pk: string; sk: string } {
  return { pk: `delivered/${source}/${digest.slice(0, SPREAD_CHARS)}`, sk: digest };
}

/** Which deliveries were taken, by digest. */
export function createDeliveries(table: Table): Pick<WebhookStore, 'wasTaken' | 'remember'> {
  return {
    async wasTaken(source, digest) {
      return (await table.get(keyOf(source, digest))) !== undefined;
    },
    async remember(deliveries) {
      const ops = new Map<string, WriteOp>();
      for (const { source, digest, expiresAt } of deliveries) {
        const key = keyOf(source, digest);
        ops.set(`${key.pk} ${key.sk}`, { kind: 'put', ...key, version: 1, value: NOTHING, expiresAt });
      }
      const all = [...ops.values()];
      const writes: Promise<void>[] = [];
      for (let from = 0; from < all.length; from += WRITE_OPS_MAX)
        writes.push(table.write(all.slice(from, from + WRITE_OPS_MAX)));
      await Promise.all(writes);
    },
  };
}
