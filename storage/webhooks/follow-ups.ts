import type { IntakeSeal } from '../intake/context.ts';
import { decodeJson, encodeJson } from '../json.ts';
import type { Table, WriteOp } from '../ports.ts';
import { WRITE_OPS_MAX } from '../ports.ts';
import type { FollowUp, WebhookStore } from './types.ts';

const keyOf = (source: string, id: string): { pk: string; sk: string } => ({
  pk: `follow-up/${source}`,
  sk: id,
});

async function writeAll(table: Table, ops: readonly WriteOp[]): Promise<void> {
  for (let from = 0; from < ops.length; from += WRITE_OPS_MAX) {
    await table.write(ops.slice(from, from + WRITE_OPS_MAX));
  }
}

/** What is still to be fetched, sealed: a lead's id names a person to its vendor. */
export function createFollowUps(
  table: Table,
  seal: IntakeSeal,
): Pick<WebhookStore, 'addFollowUps' | 'followUps' | 'removeFollowUps'> {
  return {
    async addFollowUps(followUps) {
      const ops = new Map<string, WriteOp>();
      for (const followUp of followUps) {
        const key = keyOf(followUp.source, followUp.id);
        const value = await seal.seal(`${key.pk}/${key.sk}`, encodeJson(followUp));
        ops.set(`${key.pk}/${key.sk}`, { kind: 'put', ...key, version: 1, value });
      }
      await writeAll(table, [...ops.values()]);
    },
    async followUps(source, limit) {
      const items = await table.query({ pk: `follow-up/${source}`, limit });
      return Promise.all(
        items.map(async ({ pk, sk, value }) => decodeJson<FollowUp>(await seal.open(`${pk}/${sk}`, value))),
      );
    },
    async removeFollowUps(source, ids) {
      await writeAll(
        table,
        [...new Set(ids)].map((id): WriteOp => ({ kind: 'delete', ...keyOf(source, id) })),
      );
    },
  };
}
