import { createBlindIndex } from './blind-index.ts';
import type { LinkageOptions } from './context.ts';
import { linkageSeal } from './context.ts';
import { createModelStore } from './models.ts';
import { createParts } from './parts.ts';
import { createReviewStore } from './reviews.ts';
import { createRunStore } from './runs.ts';
import type { LinkageStore } from './types.ts';
import { createWorkspace } from './workspace.ts';

/** Opens what a tenant keeps for linking records. Its calls throw `StoreUnavailable` and `StoreFull`. */
export function createLinkageStore(options: LinkageOptions): LinkageStore {
  const { storage, now = Date.now } = options;
  const sealer = linkageSeal(options);
  const parts = createParts(storage.blobs, sealer);
  return {
    runs: createRunStore(storage.log, sealer),
    reviews: createReviewStore(storage.log, sealer, now),
    models: createModelStore(parts),
    work: createWorkspace(parts),
    index: createBlindIndex(storage.log, sealer, storage.master),
  };
}
