import { createBatchStore } from '../../../storage/intake/batches.ts';
import type { BatchStore } from '../../../storage/intake/types.ts';
import type { Storage } from '../../../storage/ports.ts';
import { createVault } from '../../../storage/vault/vault.ts';

const tenant = 'acme';

/** Opens the batch store of a tenant on a storage; `now` in milliseconds, the system's clock where silent. */
export function openBatches(storage: Storage, now?: () => number): BatchStore {
  return createBatchStore({ tenant, storage, vault: createVault({ tenant, storage }), ...(now && { now }) });
}
