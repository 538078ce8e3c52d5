import type { Evidence } from '../../domain/identity/evidence.ts';
import type { ResolutionOutcome, ResolutionRequest } from '../../domain/identity/resolution.ts';
import { ConditionFailed } from '../errors.ts';
import { createUlids } from '../intake/ulid.ts';
import { decodeJson, encodeJson } from '../json.ts';
import { decodeCursor, encodeCursor, pageLimit } from '../page.ts';
import type { Item, Key, Storage, WriteOp } from '../ports.ts';
import { open, seal } from '../vault/seal.ts';
import type { Vault } from '../vault/types.ts';
import type { ResolutionStore, StoredResolution } from './types.ts';

/** What the store of resolutions stands on. `now` is in milliseconds; the system's clock where silent. */
export interface ResolutionStoreOptions {
  readonly tenant: string;
  readonly storage: Pick<Storage, 'log'>;
  readonly vault: Pick<Vault, 'tenantSealKey'>;
  readonly now?: () => number;
}

const REQUESTS = 'r/resolutions';
const PART_DIGITS = 6;
const requestKey = (id: string): Key => ({ pk: REQUESTS, sk: id });
/** Stands from the request until the outcome, so that what is open is found without reading what ended. */
const openKey = (id: string): Key => ({ pk: 'r/resolutions-open', sk: id });
const outcomeKey = (id: string): Key => ({ pk: `r/resolution/${id}`, sk: 'outcome' });
const partKey = (id: string, part: number): Key => ({
  pk: `r/resolution/${id}`,
  sk: `part/${String(part).padStart(PART_DIGITS, '0')}`,
});

/** Opens a tenant's resolutions: `r/resolutions` and `r/resolution/<id>` in the log's table, sealed. */
export function createResolutionStore(options: ResolutionStoreOptions): ResolutionStore {
  const { tenant, vault, now = Date.now } = options;
  const table = options.storage.log;
  const aad = ({ pk, sk }: Key): string => `${tenant}|resolution|${pk}/${sk}|1`;

  async function putOnce(key: Key, value: unknown, also: readonly WriteOp[] = []): Promise<void> {
    const sealKey = await vault.tenantSealKey('directory');
    const sealed = seal(sealKey, encodeJson(value), aad(key), { compress: true });
    try {
      await table.write([{ kind: 'put', ...key, version: 1, value: sealed, expect: 'absent' }, ...also]);
    } catch (error) {
      if (!(error instanceof ConditionFailed)) throw error;
    }
  }

  async function decode<T>(items: readonly (Item | undefined)[]): Promise<(T | undefined)[]> {
    const sealKey = await vault.tenantSealKey('directory');
    return items.map((item) => item && decodeJson<T>(open(sealKey, item.value, aad(item))));
  }

  async function withOutcomes(requests: readonly ResolutionRequest[]): Promise<StoredResolution[]> {
    const items = await table.getMany(requests.map(({ id }) => outcomeKey(id)));
    const outcomes = await decode<ResolutionOutcome>(items);
    return requests.map((request, index) => {
      const outcome = outcomes[index];
      return outcome ? { ...request, outcome } : request;
    });
  }

  return {
    newId: createUlids(now),
    put: async (request, parts = []) => {
      for (const [index, part] of parts.entries()) await putOnce(partKey(request.id, index), part);
      const open = { kind: 'put', ...openKey(request.id), version: 1, value: new Uint8Array() } as const;
      await putOnce(requestKey(request.id), request, [open]);
    },
    get: async (id) => {
      const [request] = await decode<ResolutionRequest>([await table.get(requestKey(id))]);
      return request && (await withOutcomes([request]))[0];
    },
    part: async (id, part) => {
      const [evidence] = await decode<Evidence[]>([await table.get(partKey(id, part))]);
      return evidence ?? [];
    },
    end: (id, outcome) => putOnce(outcomeKey(id), outcome, [{ kind: 'delete', ...openKey(id) }]),
    open: async ({ limit, after }) => {
      const range = { pk: openKey('').pk, limit };
      const items = await table.query(after === undefined ? range : { ...range, after });
      return items.map(({ sk }) => sk);
    },
    list: async (page = {}) => {
      const limit = pageLimit(page.limit);
      const [after] = page.cursor === undefined ? [] : decodeCursor(page.cursor, 1);
      const range = { pk: REQUESTS, reverse: true, limit: limit + 1 };
      const items = await table.query(after === undefined ? range : { ...range, after });
      const requests = (await decode<ResolutionRequest>(items.slice(0, limit))).filter(
        (request) => request !== undefined,
      );
      const last = requests.at(-1);
      const cursor = last && items.length > limit ? encodeCursor([last.id]) : null;
      return { items: await withOutcomes(requests), cursor };
    },
  };
}
