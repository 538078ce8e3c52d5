import type { ProfileDirectory } from './identity/types.ts';
import type { ImportStore } from './imports/types.ts';
import type { BatchStore, QuarantineStore } from './intake/types.ts';
import type { MappingReplayStore } from './intake/mapping-replays.ts';
import type { RehearsalStore } from './intake/rehearsals.ts';
import type { ReleaseStore } from './intake/releases.ts';
import type { LinkageStore } from './linkage/types.ts';
import type { EventLog } from './log/types.ts';
import type { Storage } from './ports.ts';
import type { ProfileReader } from './profiles/types.ts';
import type { QualityStore } from './quality/types.ts';
import type { Registry } from './registry/types.ts';
import type { ResolutionStore } from './resolutions/types.ts';
import type { ScheduleStore } from './schedules/types.ts';
import type { SimulationStore } from './simulations/types.ts';
import type { SyncStore } from './syncs/types.ts';
import type { Vault } from './vault/types.ts';
import type { WebhookStore } from './webhooks/types.ts';

/** Everything of one tenant that is stored, opened once per process by `openTenant` in `storage/tenant.ts`. */
export interface TenantStore {
  readonly tenant: string;
  readonly storage: Storage;
  readonly log: EventLog;
  readonly batches: BatchStore;
  readonly quarantine: QuarantineStore;
  readonly releases: ReleaseStore;
  readonly rehearsals: RehearsalStore;
  readonly mappingReplays: MappingReplayStore;
  readonly imports: ImportStore;
  readonly quality: QualityStore;
  readonly directory: ProfileDirectory;
  readonly resolutions: ResolutionStore;
  readonly linkage: LinkageStore;
  readonly profiles: ProfileReader;
  readonly registry: Registry;
  readonly schedules: ScheduleStore;
  readonly simulations: SimulationStore;
  readonly syncs: SyncStore;
  readonly webhooks: WebhookStore;
  /** For those who encrypt by themselves, such as the codec of Temporal's payloads. */
  readonly vault: Vault;
  close(): Promise<void>;
}
