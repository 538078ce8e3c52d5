import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { createIngestActivities, type IngestActivities } from '../../activities/ingest/index.ts';
import type { PumpInput } from '../../activities/ingest/pump.ts';
import type { PumpResult } from '../../activities/ingest/run-pump.ts';
import type { IngestObserver } from '../../activities/ingest/types.ts';
import type { JsonValue } from '../../domain/json.ts';
import type { RawItem, Spread } from '../../domain/ingestion/raw.ts';
import { openTenant } from '../../storage/tenant.ts';
import type { TenantStore } from '../../storage/tenant.types.ts';
import type { Storage } from '../../storage/ports.ts';

/** Pumps end at once when a lane is empty, so that a test waits for nothing. */
const AT_ONCE: Pick<PumpInput, 'idleMs' | 'durationMs'> = { idleMs: 0, durationMs: 30_000 };

export const TENANT = 'test';
export const SOURCE = 'web';

/** An observer that keeps what it is told of trouble. */
export function recordingObserver(): IngestObserver & {
  readonly waits: string[];
  readonly poisoned: string[];
} {
  const waits: string[] = [];
  const poisoned: string[] = [];
  return {
    waits,
    poisoned,
    unit: () => undefined,
    violations: () => undefined,
    waiting: (_source, code) => waits.push(code),
    poison: (_source, batchId, index) => poisoned.push(`${batchId}-${index}`),
  };
}

/** Opens a tenant on a storage and adds the source `web`, of one lane unless told, where it is not there yet. */
export async function tenantOn(storage: Storage, cachedTips = 0, lanes = 1): Promise<TenantStore> {
  const store = await openTenant({ tenant: TENANT, storage, cachedTips });
  if ((await store.registry.source(SOURCE)) === undefined)
    await store.registry.addSource({ name: SOURCE, kind: 'web', mapping: 'segment', lanes });
  return store;
}

/** Appends messages as one batch, as the gateway would; answers its id. */
export async function append(
  store: TenantStore,
  bodies: readonly JsonValue[],
  options: {
    readonly lane?: number;
    readonly batchId?: string;
    readonly mapping?: string;
    readonly reject?: RawItem['reject'];
    readonly spread?: Spread | undefined;
    readonly checked?: number;
    /** Epoch seconds. */
    readonly dedupeUntil?: number;
  } = {},
): Promise<string> {
  const receivedAt = new Date().toISOString();
  const reject = options.reject === undefined ? {} : { reject: options.reject };
  const { header } = await store.batches.append(
    {
      source: SOURCE,
      lane: options.lane ?? 0,
      mapping: options.mapping ?? 'segment',
      items: bodies.length,
      receivedAt,
      ...(options.batchId === undefined ? {} : { batchId: options.batchId }),
      ...(options.spread === undefined ? {} : { spread: options.spread }),
      ...(options.checked === undefined ? {} : { checked: options.checked }),
      ...(options.dedupeUntil === undefined ? {} : { dedupeUntil: options.dedupeUntil }),
    },
    bodies.map((body) => JSON.stringify({ body, receivedAt, ...reject })),
  );
  return header.batchId;
}

/** An activity's surroundings, without a log of the failures that tests provoke. */
export function quietEnvironment(): MockActivityEnvironment {
  return new MockActivityEnvironment({}, { logger: new DefaultLogger('ERROR') });
}

/** Runs an activity as Temporal would run it. */
export function runActivity<T>(run: () => Promise<T>, environment = quietEnvironment()): Promise<T> {
  return environment.run(run);
}

/** The ingestion activities over a store. */
export function activitiesOn(
  store: TenantStore,
  observer: IngestObserver = recordingObserver(),
): IngestActivities {
  return createIngestActivities({ store, observer, pollMs: 1 });
}

/** Pumps a lane until it is empty. */
export function pumpAll(
  store: TenantStore,
  options: { readonly lane?: number; readonly observer?: ReturnType<typeof recordingObserver> } = {},
): Promise<PumpResult> {
  return pumpWith(activitiesOn(store, options.observer), options.lane);
}

/** Pumps a lane until it is empty, as one thread does again and again. */
export function pumpWith(activities: IngestActivities, lane = 0): Promise<PumpResult> {
  return runActivity(() => activities.pump({ tenant: TENANT, source: SOURCE, lane, ...AT_ONCE }));
}
