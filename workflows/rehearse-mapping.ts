import {
  continueAsNew,
  defineQuery,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { ReplayActivities } from '../activities/replay/index.ts';
import {
  REHEARSAL_PROGRESS_QUERY,
  type RehearsalProgress,
  type RehearseMappingInput,
} from './contract/rehearse-mapping.ts';
import { STAGE_ATTRIBUTE } from './contract/search-attributes.ts';

const progressQuery = defineQuery<RehearsalProgress>(REHEARSAL_PROGRESS_QUERY);

const { rehearseSlice } = proxyActivities<ReplayActivities>({
  startToCloseTimeout: '1 hour',
  heartbeatTimeout: '20 seconds',
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '10 seconds' },
});

/** Tries a mapping on all raw items of a source, slice by slice, and stores nothing but what it would change. */
export async function rehearseMapping(input: RehearseMappingInput): Promise<RehearsalProgress> {
  const { from, ...which } = input;
  let progress: RehearsalProgress = {
    status: 'reading',
    items: from?.items ?? 0,
    batches: from?.batches ?? 0,
  };
  setHandler(progressQuery, () => progress);
  let cursor = from?.cursor;
  for (let slice = from?.slice ?? 0; ; slice += 1) {
    const found = await rehearseSlice({ ...which, slice, ...(cursor === undefined ? {} : { cursor }) });
    const { items, batches } = progress;
    progress = { ...progress, items: items + found.items, batches: batches + found.batches };
    setCurrentDetails(`${progress.items} items of ${progress.batches} batches`);
    cursor = found.cursor;
    if (cursor === undefined) break;
    if (workflowInfo().continueAsNewSuggested) {
      const at = { slice: slice + 1, cursor, items: progress.items, batches: progress.batches };
      await continueAsNew<typeof rehearseMapping>({ ...which, from: at });
    }
  }
  progress = { ...progress, status: 'done' };
  upsertSearchAttributes([{ key: STAGE_ATTRIBUTE, value: 'done' }]);
  return progress;
}
