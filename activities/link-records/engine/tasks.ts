import type { LinkRequest } from '../../../domain/link-records/run.ts';
import { StorageError } from '../../../storage/errors.ts';
import type { TenantStore } from '../../../storage/tenant.types.ts';
import { computeRun } from '../compute.ts';
import { indexRun } from '../index-records.ts';
import { listFragments } from '../list.ts';
import { readParts } from '../read.ts';
import type { EngineOrder } from './protocol.ts';

/** Does one task of a run; its answer holds counts and ids alone. */
export async function runTask(
  store: TenantStore,
  { task, runId }: Pick<EngineOrder, 'task' | 'runId'>,
  beat: () => void,
): Promise<unknown> {
  const request: LinkRequest | undefined = await store.linkage.runs.request(runId);
  if (request === undefined) throw new StorageError('unknown-run', `there is no run ${runId}`);
  switch (task) {
    case 'read':
      return readParts(store, request, await listFragments(store, request, beat), beat);
    case 'compute':
      return computeRun(store, request, beat);
    case 'index':
      return indexRun(store, request, beat);
    default:
      return task satisfies never;
  }
}
