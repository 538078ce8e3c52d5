import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSyncActivities, type SyncActivities } from '../../../activities/sync/index.ts';
import type { SyncStep } from '../../../activities/sync/step.ts';
import type { SyncManifest } from '../../../domain/sync/types.ts';
import { openStorage } from '../../../storage/open.ts';
import type { TenantStore } from '../../../storage/tenant.types.ts';
import { pumpAll, runActivity, SOURCE, TENANT, tenantOn } from '../tenant.ts';

/** Steps of a run that is no runaway. */
const STEPS_MAX = 100;

/** A tenant on storage of its own, which closing removes. */
export async function ownTenant(): Promise<{ store: TenantStore; close: () => Promise<void> }> {
  const dir = await mkdtemp(join(tmpdir(), 'tessera-sync-'));
  const store = await tenantOn(await openStorage({ kind: 'embedded', dir }));
  const close = async (): Promise<void> => {
    await store.close();
    await rm(dir, { recursive: true, force: true });
  };
  return { store, close };
}

/** How a run of a test goes. */
export interface RunOptions {
  readonly runId?: string;
  readonly dueAt?: string;
  readonly now?: () => number;
}

/** The activities of syncs over a store, as the worker registers them. */
export function syncActivities(store: TenantStore, now?: () => number): SyncActivities {
  return createSyncActivities({
    store,
    wake: () => Promise.resolve(),
    observer: { page: () => undefined, waiting: () => undefined, ended: () => undefined },
    ...(now === undefined ? {} : { now }),
  });
}

/** Steps until everything is read, or the vendor says something else than a page. */
export async function readSteps(
  activities: SyncActivities,
  runId: string,
): Promise<Exclude<SyncStep, { kind: 'read' }> | undefined> {
  for (let step = 0; step < STEPS_MAX; step++) {
    const name = { tenant: TENANT, source: SOURCE, runId };
    const outcome = await runActivity(() => activities.stepSync({ ...name, step }));
    if (outcome.kind !== 'read') return outcome;
    if (outcome.done) return undefined;
  }
  throw new Error('the run does not end');
}

/** A whole run without Temporal: reads, pumps, and leaves its manifest. Throws where the vendor says something else than a page. */
export async function syncOnce(store: TenantStore, options: RunOptions = {}): Promise<SyncManifest> {
  const { runId = `run-${Math.random()}`, dueAt, now } = options;
  const activities = syncActivities(store, now);
  const begun = {
    ...{ tenant: TENANT, source: SOURCE, runId, workflowId: 'w' },
    ...{
      startedAt: new Date(now?.() ?? Date.now()).toISOString(),
      ...(dueAt === undefined ? {} : { dueAt }),
    },
  };
  await runActivity(() => activities.beginSync(begun));
  const stopped = await readSteps(activities, runId).catch(async (error: unknown) => {
    await pumpAll(store);
    throw error;
  });
  await pumpAll(store);
  if (stopped !== undefined) throw new Error(`the run stopped: ${stopped.why}`);
  await runActivity(() => activities.finishSync({ ...begun, status: 'done' }));
  const manifest = await store.syncs.manifest({ source: SOURCE, runId });
  if (manifest === undefined) throw new Error('the run left no manifest');
  return manifest;
}
