import { pumpAll, SOURCE, TENANT } from '../tenant.ts';
import { NOTHING_COUNTED, type LinkProgress, type LinkRequest } from '../../../domain/link-records/run.ts';
import { runTask } from '../../../activities/link-records/engine/tasks.ts';
import { createLinkActivities } from '../../../activities/link-records/index.ts';
import type { ComputeResult, ReadResult } from '../../../activities/link-records/types.ts';
import type { TenantStore } from '../../../storage/tenant.types.ts';
import type { PersonRow } from '../../support/person-rows.ts';
import { runActivity } from '../tenant.ts';

/** Takes rows in as a file of a source would be, until they show. */
export async function takeIn(store: TenantStore, rows: readonly PersonRow[], batch: string): Promise<void> {
  const receivedAt = new Date().toISOString();
  await store.batches.append(
    { source: SOURCE, lane: 0, mapping: 'febrl-person@1', items: rows.length, receivedAt },
    rows.map((body, row) => JSON.stringify({ body, receivedAt, origin: { file: batch, row } })),
  );
  await pumpAll(store);
}

/** What was asked, with what is usual. */
export function requestOf(runId: string, given: Partial<LinkRequest> = {}): LinkRequest {
  return {
    runId,
    sources: [SOURCE],
    recordType: 'crmId',
    mode: 'full',
    dryRun: false,
    thresholdLink: 0.5,
    thresholdReview: 0.2,
    requestedAt: new Date().toISOString(),
    requestedBy: 'admin',
    ...given,
  };
}

/** Runs all steps of a run as its workflow would, the engine's in this process. */
export async function runAll(
  store: TenantStore,
  request: LinkRequest,
): Promise<{ read: ReadResult; computed: ComputeResult }> {
  const { runId } = request;
  const input = { tenant: TENANT, runId };
  const activities = createLinkActivities({ store });
  await store.linkage.runs.putRequest(request);
  const { sources, dryRun } = await runActivity(() => activities.planLinkRun(input));
  const task = (name: 'read' | 'compute' | 'index'): Promise<unknown> =>
    runTask(store, { task: name, runId }, () => undefined);
  const read = (await task('read')) as ReadResult;
  const computed = (await task('compute')) as ComputeResult;
  const start = { part: 0, written: 0, done: false };
  const counts = { ...NOTHING_COUNTED, fragments: read.fragments, records: read.records };
  let progress: LinkProgress = { ...counts, runId, sources, dryRun, stage: 'failed' };
  if (computed.refused === undefined) {
    progress = { ...progress, stage: 'done', links: computed.links };
    if (!dryRun) {
      const slice = { ...input, position: start, sliceMs: 60_000 };
      const linked = await runActivity(() => activities.linkSlice({ ...slice, parts: computed.linkParts }));
      const reviews = await runActivity(() =>
        activities.reviewSlice({ ...slice, parts: computed.reviewParts }),
      );
      await task('index');
      progress = { ...progress, linked: linked.written, reviews: reviews.written };
    }
  } else progress = { ...progress, problem: computed.refused };
  await runActivity(() => activities.finishLinkRun({ ...input, progress }));
  return { read, computed };
}

/** Who is whom: record ids by profile, sorted. */
export async function partitionOf(store: TenantStore): Promise<string[][]> {
  const groups = new Map<string, string[]>();
  let cursor: string | undefined;
  do {
    const page = await store.profiles.identifiers('crmId', {
      limit: 1_000,
      ...(cursor === undefined ? {} : { cursor }),
    });
    for (const { value, profileId } of page.items)
      groups.set(profileId, [...(groups.get(profileId) ?? []), value]);
    cursor = page.cursor ?? undefined;
  } while (cursor !== undefined);
  return [...groups.values()].map((group) => group.sort()).sort(([x = ''], [y = '']) => (x < y ? -1 : 1));
}
