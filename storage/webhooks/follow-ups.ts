import type { IntakeSeal } from '../intake/context.ts';
import { decodeJson, encodeJson } from '../json.ts';
import type { Table, WriteOp } from '../ports.ts';
import { writeInParts } from '../write-in-parts.ts';
import type { FollowUp, WebhookStore } from './types.ts';

const keyOf = (source: string, id: string): { pk: string; sk: string } => ({
  pk: `follow-up/${source}`,
  sk: id,
});

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
      await writeInParts(table, [...ops.values()]);
    },
    async followUps(source, limit) {
      const items = await table.query({ pk: `follow-up/${source}`, limit });
      return Promise.all(
        items.map(async ({ pk, sk, value }) => decodeJson<FollowUp>(await seal.open(`${pk}/${sk}`, value))),
      );
    },
    async removeFollowUps(source, ids) {
      await writeInParts(
        table,
        [...new Set(ids)].map((id): WriteOp => ({ kind: 'delete', ...keyOf(source, id) })),
      );
    },
  };
}
