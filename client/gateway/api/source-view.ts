import { z } from 'zod';
import { VENDORS, type Vendor } from '../../../domain/ingestion/vendors.ts';
import type { SourceConfig } from '../../../storage/registry/types.ts';
import type { TenantStore } from '../../../storage/tenant.types.ts';
import type { WebhookConfig } from '../../../storage/webhooks/types.ts';
import { ProblemError } from '../problem.ts';
import { instant, name } from './schemas.ts';
import { presentWebhook, webhookView } from './webhook-view.ts';

/** Where calls about sources stand in the description. */
export const TAG = 'Sources';
/** The kinds of sources. */
export const kind = z.enum(['web', 'pos', 'crm', 'contact-center', 'email', 'social']);
/** A source in the path. */
export const params = z.strictObject({ name });
/** What a call about one source documents. */
export const NOT_FOUND = { description: 'There is no such source' };

/** A vendor and what connecting to it takes; what each needs is in its guide, and in the answer where it is missing. */
export const connection = {
  vendor: z.enum(Object.keys(VENDORS) as [Vendor, ...Vendor[]]),
  secret: z.string().min(1).max(2_000).optional().meta({ description: 'Kept sealed, never shown again' }),
  settings: z.record(z.string(), z.string().max(2_000)).optional(),
};
/** A source as it is shown. */
export const source = z.object({
  name: z.string(),
  kind,
  mapping: z.string(),
  lanes: z.number(),
  writeKeys: z.number().meta({ description: 'How many write keys are in force' }),
  createdAt: instant,
  version: z.number(),
  thresholds: z
    .record(z.string(), z.number())
    .optional()
    .meta({ description: 'Those of its health that are not the default' }),
  webhook: webhookView.optional().meta({ description: 'Where the source takes the webhooks of a vendor' }),
});

/** The source, or 404. */
export async function find(store: TenantStore, wanted: string): Promise<SourceConfig> {
  const found = await store.registry.source(wanted);
  if (found === undefined) throw new ProblemError(404, 'no-such-source', 'There is no source of this name.');
  return found;
}

/** The view of a source: how many keys, and none of them. */
export function present(config: SourceConfig, webhook: WebhookConfig | undefined): object {
  const { writeKeyHashes, ...shown } = config;
  const view = { ...shown, writeKeys: writeKeyHashes.length };
  return webhook === undefined ? view : { ...view, webhook: presentWebhook(config.name, webhook) };
}

/** Throws `ProblemError` 422 where there is no such mapping. */
export async function mustHave(store: TenantStore, mapping: string): Promise<void> {
  if ((await store.registry.mapping(mapping)) !== undefined) return;
  throw new ProblemError(422, 'no-such-mapping', 'There is no such mapping; see /v1/mappings.');
}
