import { intakeSeal } from '../intake/context.ts';
import type { Storage } from '../ports.ts';
import { createDocuments } from '../registry/documents.ts';
import type { Vault } from '../vault/types.ts';
import { createConfigs } from './configs.ts';
import { createDeliveries } from './deliveries.ts';
import { createFollowUps } from './follow-ups.ts';
import { createRefusals } from './refusals.ts';
import type { WebhookStore } from './types.ts';

/** Opens what a tenant's webhooks need stored. `now` is in milliseconds; the system's clock where silent. */
export function createWebhookStore(options: {
  readonly tenant: string;
  readonly storage: Pick<Storage, 'log' | 'intake'>;
  readonly vault: Vault;
  readonly now?: () => number;
}): WebhookStore {
  const { tenant, storage, vault } = options;
  const now = options.now ?? Date.now;
  const documents = createDocuments({ tenant, table: storage.log, vault, now });
  return {
    ...createConfigs(documents, now),
    ...createDeliveries(storage.intake),
    ...createRefusals(storage.intake),
    ...createFollowUps(storage.intake, intakeSeal(tenant, vault)),
  };
}
