import { blockingKeys } from '../../domain/link-records/keys.ts';
import type { LinkRequest } from '../../domain/link-records/run.ts';
import type { LinkageModel } from '../../domain/linkage/index.ts';
import { StorageError } from '../../storage/errors.ts';
import { personRecord } from '../../storage/linkage/pair.ts';
import type { RecordKeys } from '../../storage/linkage/types.ts';
import type { TenantStore } from '../../storage/tenant.types.ts';
import { COMPUTE_PART, READ_PART, type KeptResult, type ReadResult, type WorkRecord } from './types.ts';

type Store = Pick<TenantStore, 'linkage'>;

/**
 * Writes the blind index of a run's records, for the online match and for incremental runs to go on from. An incremental
 * run adds its records to the index that it goes on from.
 */
export async function indexRun(
  store: Store,
  { runId }: LinkRequest,
  beat: () => void,
): Promise<{ readonly records: number }> {
  const { work, models, index } = store.linkage;
  const read = await work.get<ReadResult>(runId, 'result', READ_PART);
  const computed = await work.get<KeptResult>(runId, 'result', COMPUTE_PART);
  const kept = computed?.model === undefined ? undefined : await models.get(computed.model);
  if (read === undefined || kept === undefined)
    throw new StorageError('nothing-computed', `run ${runId} has no model to make an index by`);
  const records = recordKeys(store, runId, read.parts, kept.model);
  if (computed?.index === undefined) return { records: await index.build(runId, records, beat) };
  for await (const some of records) {
    await index.upsert(computed.index, some);
    beat();
  }
  return { records: (await index.versions(computed.index)).size };
}

async function* recordKeys(
  store: Store,
  runId: string,
  parts: number,
  model: LinkageModel,
): AsyncGenerator<RecordKeys[]> {
  for (let part = 0; part < parts; part++) {
    const rows = (await store.linkage.work.get<WorkRecord[]>(runId, 'records', part)) ?? [];
    const versions = new Map(rows.map(({ f, v }) => [f, v]));
    const keyed = blockingKeys(
      rows.map(({ f, p }) => personRecord(f, p)),
      model,
    );
    yield keyed.map(({ id, keys }) => ({ fragment: id, version: versions.get(id) ?? 0, keys }));
  }
}
