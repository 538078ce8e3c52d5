import { decodeJson, encodeJson } from '../json.ts';
import type { Key, Storage } from '../ports.ts';
import type { Vault } from '../vault/types.ts';
import { intakeSeal } from './context.ts';

/** What another mapping would make of a source's raw items. */
export interface Rehearsal {
  readonly batches: number;
  readonly items: number;
  readonly same: number;
  readonly changed: number;
  /** Refused before, and taken now. */
  readonly mended: number;
  /** Taken before, and refused now. */
  readonly broken: number;
  /** Refused by both. */
  readonly refused: number;
  /** Items in which each field differs. */
  readonly fields: Readonly<Record<string, number>>;
  /** Items by the reason for which they were refused, or would be. */
  readonly mendedBy: Readonly<Record<string, number>>;
  readonly brokenBy: Readonly<Record<string, number>>;
}

/** What rehearsals found, slice by slice. Encrypted under the tenant's intake key: names of fields come from senders. */
export interface RehearsalStore {
  /** Idempotent by slice. */
  putSlice(runId: string, slice: number, found: Rehearsal): Promise<void>;
  /** The sum of all slices so far. */
  sum(runId: string): Promise<Rehearsal>;
}

const KEPT_SECONDS = 30 * 86_400;
const SLICE_DIGITS = 9;
/** Names of fields that are told. */
const FIELDS_MAX = 500;

/** A rehearsal that has seen nothing. */
export const NO_REHEARSAL: Rehearsal = {
  ...{ batches: 0, items: 0, same: 0, changed: 0, mended: 0, broken: 0, refused: 0 },
  ...{ fields: {}, mendedBy: {}, brokenBy: {} },
};

function addCounts(
  a: Readonly<Record<string, number>>,
  b: Readonly<Record<string, number>>,
): Record<string, number> {
  const sum = new Map(Object.entries(a));
  for (const [name, count] of Object.entries(b))
    if (sum.has(name) || sum.size < FIELDS_MAX) sum.set(name, (sum.get(name) ?? 0) + count);
  return Object.fromEntries(sum);
}

/** Adds what two slices found. */
export function addRehearsals(a: Rehearsal, b: Rehearsal): Rehearsal {
  return {
    batches: a.batches + b.batches,
    items: a.items + b.items,
    same: a.same + b.same,
    changed: a.changed + b.changed,
    mended: a.mended + b.mended,
    broken: a.broken + b.broken,
    refused: a.refused + b.refused,
    fields: addCounts(a.fields, b.fields),
    mendedBy: addCounts(a.mendedBy, b.mendedBy),
    brokenBy: addCounts(a.brokenBy, b.brokenBy),
  };
}

/** Opens the tenant's rehearsals. `now` is in milliseconds. */
export function createRehearsalStore(options: {
  readonly tenant: string;
  readonly storage: Pick<Storage, 'intake'>;
  readonly vault: Vault;
  readonly now?: () => number;
}): RehearsalStore {
  const { tenant, storage, vault, now = Date.now } = options;
  const table = storage.intake;
  const sealer = intakeSeal(tenant, vault);
  return {
    async putSlice(runId, slice, found) {
      const key: Key = { pk: `rehearsal/${runId}`, sk: String(slice).padStart(SLICE_DIGITS, '0') };
      const value = await sealer.seal(`${key.pk}/${key.sk}`, encodeJson(found), { compress: true });
      const expiresAt = Math.floor(now() / 1_000) + KEPT_SECONDS;
      await table.write([{ kind: 'put', ...key, version: 1, value, expiresAt }]);
    },
    async sum(runId) {
      let sum = NO_REHEARSAL;
      const pk = `rehearsal/${runId}`;
      for (let after: string | undefined; ;) {
        const page = await table.query({ pk, ...(after === undefined ? {} : { after }) });
        for (const { sk, value } of page)
          sum = addRehearsals(sum, decodeJson<Rehearsal>(await sealer.open(`${pk}/${sk}`, value)));
        after = page.at(-1)?.sk;
        if (page.length < 1_000 || after === undefined) return sum;
      }
    },
  };
}
