import type { Archive } from './archive/archive.ts';
import { createArchive } from './archive/archive.ts';
import { createProfileDirectory } from './identity/directory.ts';
import { createBatchStore } from './intake/batches.ts';
import { createImportStore } from './imports/store.ts';
import { createQuarantineStore, DEFAULT_RETENTION } from './intake/quarantine.ts';
import { createMappingReplayStore } from './intake/mapping-replays.ts';
import { createRehearsalStore } from './intake/rehearsals.ts';
import { createReleaseStore } from './intake/releases.ts';
import { createLinkageStore } from './linkage/store.ts';
import { createEventLog } from './log/log.ts';
import type { Storage } from './ports.ts';
import { createProfileReader } from './profiles/reader.ts';
import { createQualityStore } from './quality/quality.ts';
import { createRegistry } from './registry/registry.ts';
import { createResolutionStore } from './resolutions/resolutions.ts';
import { createScheduleStore } from './schedules/schedules.ts';
import { createSimulationStore } from './simulations/store.ts';
import { createSyncStore } from './syncs/syncs.ts';
import type { TenantStore } from './tenant.types.ts';
import { createVault } from './vault/vault.ts';
import { createWebhookStore } from './webhooks/webhooks.ts';

/** What opening a tenant takes. `now` is in milliseconds; the system's clock where silent. */
export interface TenantOptions {
  readonly tenant: string;
  /** Closed with the tenant. */
  readonly storage: Storage;
  readonly now?: () => number;
  /** Ends of fragments kept in memory between appends; 0 where silent, for processes that read. */
  readonly cachedTips?: number;
}

/** A tenant's stores and the archive of its events. */
export interface OpenTenant extends TenantStore {
  readonly archive: Archive;
}

/** Composes everything stored of one tenant. Throws `StoreUnavailable`, `KeyGone`. */
export async function openTenant(options: TenantOptions): Promise<OpenTenant> {
  const { tenant, storage, cachedTips = 0 } = options;
  const clock = options.now === undefined ? {} : { now: options.now };
  const vault = createVault({ tenant, storage, ...clock });
  const registry = createRegistry({ tenant, storage, vault, ...clock });
  const webhooks = createWebhookStore({ tenant, storage, vault, ...clock });
  const policy = async () => (await registry.config()).fold;
  const rules = async () => (await registry.config()).identity;
  const schedules = createScheduleStore({ tenant, storage, vault, ...clock });
  const syncs = createSyncStore({ tenant, storage, vault, ...clock });
  const log = await createEventLog({ tenant, storage, vault, policy, cachedTips, ...clock });
  const batches = createBatchStore({ tenant, storage, vault, ...clock });
  const quarantine = createQuarantineStore({
    ...{ tenant, storage, vault, batches, ...clock },
    retention: async () => (await registry.config()).quarantine ?? DEFAULT_RETENTION,
  });
  const releases = createReleaseStore({ tenant, storage, vault, ...clock });
  const rehearsals = createRehearsalStore({ tenant, storage, vault, ...clock });
  const mappingReplays = createMappingReplayStore({ tenant, storage, vault, ...clock });
  const imports = createImportStore({ tenant, storage, vault });
  const quality = createQualityStore({ tenant, storage, vault });
  const directory = createProfileDirectory({ tenant, storage, vault, rules, ...clock });
  const resolutions = createResolutionStore({ tenant, storage, vault, ...clock });
  const linkage = createLinkageStore({ tenant, storage, vault, ...clock });
  const profiles = createProfileReader({ log, directory, registry, ...clock });
  const simulations = createSimulationStore({ tenant, storage, vault });
  const archive = createArchive({ storage, log });
  return {
    tenant,
    storage,
    log,
    batches,
    quarantine,
    releases,
    rehearsals,
    mappingReplays,
    imports,
    quality,
    directory,
    resolutions,
    linkage,
    profiles,
    registry,
    schedules,
    simulations,
    syncs,
    webhooks,
    vault,
    archive,
    close: () => storage.close(),
  };
}
