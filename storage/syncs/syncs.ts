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
  const configs = createSyncConfigs(documents, now);
  const state = createSyncState(storage.intake, sealed);
  return {
    ...configs,
    ...state,
    async remove(source) {
      // Once more at the end, for a run that went on has no more settings to go by from then on.
      await state.forget(source);
      const wasThere = await configs.erase(source);
      await state.forget(source);
      return wasThere;
    },
    ...createSyncRuns(storage.intake, sealed),
  };
}
