import type { JsonObject, JsonValue } from '../../domain/json.ts';
import { setOwn } from '../../domain/record.ts';
import { asRecord, trouble } from './http.ts';
import type { Outcome, VendorCall } from './types.ts';

/** What a deal is of. */
const OBJECTS = ['contacts', 'companies'] as const;

/**
 * Deals with the contacts and companies that they are of, which a search does not answer; in the shape in which the vendor
 * answers a single deal. developers.hubspot.com/docs/api-reference/crm-associations-v4
 */
export async function associate(
  call: VendorCall,
  deals: readonly JsonValue[],
): Promise<Outcome<readonly JsonValue[]>> {
  const inputs = deals.flatMap((deal) => {
    const id = asRecord(deal)?.['id'];
    return typeof id === 'string' ? [{ id }] : [];
  });
  if (inputs.length === 0) return { kind: 'ok', value: deals };
  const byDeal = new Map<string, JsonObject>();
  for (const object of OBJECTS) {
    const path = `/crm/v4/associations/deals/${object}/batch/read`;
    const answer = await call({ method: 'POST', path, json: { inputs } });
    if (answer.kind !== 'ok') return answer;
    const results = asRecord(answer.value.body)?.['results'];
    if (!Array.isArray(results)) return trouble('the associations are not as documented');
    for (const result of results) add(byDeal, object, asRecord(result) ?? {});
  }
  return {
    kind: 'ok',
    value: deals.map((deal) => {
      const record = asRecord(deal);
      const id = record?.['id'];
      const associations = typeof id === 'string' ? byDeal.get(id) : undefined;
      return record === undefined || associations === undefined ? deal : { ...record, associations };
    }),
  };
}

function add(byDeal: Map<string, JsonObject>, object: string, { from, to }: JsonObject): void {
  const id = asRecord(from)?.['id'];
  if (typeof id !== 'string' || !Array.isArray(to)) return;
  const ids = to.flatMap((one) => {
    const other = asRecord(one)?.['toObjectId'];
    return typeof other === 'string' || typeof other === 'number' ? [{ id: String(other) }] : [];
  });
  const associations = byDeal.get(id) ?? {};
  setOwn(associations, object, { results: ids });
  byDeal.set(id, associations);
}
