import type { BatchHeader } from '../../domain/ingestion/raw.ts';
import type { JsonObject } from '../../domain/json.ts';
import { ConditionFailed } from '../errors.ts';
import { decodeJson, encodeJson } from '../json.ts';
import type { Key, Storage } from '../ports.ts';
import type { Vault } from '../vault/types.ts';
import { intakeSeal } from './context.ts';
import type { QuarantineFilter } from './types.ts';

/** What was asked: which entries of quarantine to release, and how. Kept under the run's id, out of its history. */
export interface ReleaseRequest {
  readonly runId: string;
  /** Entries that come later are not meant: those that this very run sends and that fail again among them. */
  readonly requestedAt: string;
  readonly filter: Omit<QuarantineFilter, 'status'>;
  readonly mapping?: string;
  /** Only items that came with a mapping of this name. */
  readonly cameWith?: string;
  /** JSON Merge Patch (RFC 7396) for the body of each item. */
  readonly patch?: JsonObject;
}

/** One step of a release: the entries that it sends, fixed before any is sent, so that a retry sends the same. */
export interface ReleaseStep {
  /** By source. */
  readonly ids: Readonly<Record<string, readonly string[]>>;
  /** Where the next step goes on; null at the end. */
  readonly cursor: string | null;
}

/** The batches that a step sent. */
export type SentBatch = Pick<BatchHeader, 'source' | 'lane' | 'batchId'>;

/** Releases of many entries: requests, steps and the batches they sent. Encrypted under the tenant's intake key. */
export interface ReleaseStore {
  /** Keeps a request; one that is there under the id stays. */
  putRequest(request: ReleaseRequest): Promise<void>;
  request(runId: string): Promise<ReleaseRequest | undefined>;
  /** The step as it was first put. */
  putStep(runId: string, step: number, content: ReleaseStep): Promise<ReleaseStep>;
  step(runId: string, step: number): Promise<ReleaseStep | undefined>;
  putSent(runId: string, step: number, batches: readonly SentBatch[]): Promise<void>;
  /** All batches of the run so far. */
  sent(runId: string): Promise<SentBatch[]>;
}

/** A run's steps are forgotten after so long. */
const KEPT_SECONDS = 30 * 86_400;
const STEP_DIGITS = 9;

/** Opens the tenant's releases. `now` is in milliseconds. */
export function createReleaseStore(options: {
  readonly tenant: string;
  readonly storage: Pick<Storage, 'intake'>;
  readonly vault: Vault;
  readonly now?: () => number;
}): ReleaseStore {
  const { tenant, storage, vault, now = Date.now } = options;
  const table = storage.intake;
  const sealer = intakeSeal(tenant, vault);
  const padded = (step: number): string => String(step).padStart(STEP_DIGITS, '0');
  const requestKey = (runId: string): Key => ({ pk: `release/${runId}`, sk: 'request' });
  const stepKey = (runId: string, step: number): Key => ({
    pk: `release/${runId}`,
    sk: `step/${padded(step)}`,
  });

  async function putOnce(key: Key, value: unknown): Promise<boolean> {
    const sealed = await sealer.seal(`${key.pk}/${key.sk}`, encodeJson(value), { compress: true });
    const expiresAt = Math.floor(now() / 1_000) + KEPT_SECONDS;
    try {
      await table.write([{ kind: 'put', ...key, version: 1, value: sealed, expiresAt, expect: 'absent' }]);
      return true;
    } catch (error) {
      if (!(error instanceof ConditionFailed)) throw error;
      return false;
    }
  }

  async function read<T>(key: Key): Promise<T | undefined> {
    const item = await table.get(key);
    if (item === undefined) return undefined;
    return decodeJson<T>(await sealer.open(`${key.pk}/${key.sk}`, item.value));
  }

  return {
    async putRequest(request) {
      await putOnce(requestKey(request.runId), request);
    },
    request: (runId) => read(requestKey(runId)),
    async putStep(runId, step, content) {
      const key = stepKey(runId, step);
      if (await putOnce(key, content)) return content;
      return (await read<ReleaseStep>(key)) ?? content;
    },
    step: (runId, step) => read(stepKey(runId, step)),
    async putSent(runId, step, batches) {
      await putOnce({ pk: `release/${runId}`, sk: `sent/${padded(step)}` }, batches);
    },
    async sent(runId) {
      const batches: SentBatch[] = [];
      const range = { pk: `release/${runId}`, from: 'sent/', to: 'sent0' };
      for (let after: string | undefined; ;) {
        const page = await table.query({ ...range, ...(after === undefined ? {} : { after }) });
        for (const { pk, sk, value } of page)
          batches.push(...decodeJson<SentBatch[]>(await sealer.open(`${pk}/${sk}`, value)));
        after = page.at(-1)?.sk;
        if (page.length < 1_000 || after === undefined) return batches;
      }
    },
  };
}
