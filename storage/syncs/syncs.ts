import { intakeSeal } from '../intake/context.ts';
import type { Storage } from '../ports.ts';
import { createDocuments } from '../registry/documents.ts';
import type { Vault } from '../vault/types.ts';
import { createSyncConfigs } from './configs.ts';
import { createSyncRuns } from './runs.ts';
import { sealedIn } from './sealed.ts';
import { createSyncState } from './state.ts';
import type { SyncStore } from './types.ts';

/** Opens a tenant's syncs. `now` is in milliseconds; the system's clock where silent. */
export function createSyncStore(options: {
  readonly tenant: string;
  readonly storage: Pick<Storage, 'log' | 'intake'>;
  readonly vault: Vault;
  readonly now?: () => number;
}): SyncStore {
  const { tenant, storage, vault, now = Date.now } = options;
  const documents = createDocuments({ tenant, table: storage.log, vault, now });
  const sealed = sealedIn(storage.intake, intakeSeal(tenant, vault));
  return {
    ...createSyncConfigs(documents, now),
    ...createSyncState(storage.intake, sealed),
    ...createSyncRuns(storage.intake, sealed),
  };
}
