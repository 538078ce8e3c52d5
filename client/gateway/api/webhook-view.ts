import { z } from 'zod';
import { VENDORS } from '../../../domain/ingestion/vendors.ts';
import type { WebhookConfig } from '../../../storage/webhooks/types.ts';

/** What is shown of a source's connection to a vendor. */
export const webhookView = z.object({
  vendor: z.string(),
  mapping: z.string(),
  path: z.string().meta({ description: 'Where the vendor sends to, on the public host of this gateway' }),
  secrets: z.number().meta({ description: 'How many secrets are in force' }),
  settings: z.record(z.string(), z.string()).meta({ description: 'Without those that are secrets' }),
});

/** The view of a connection: no secret, and no setting that is one. */
export function presentWebhook(source: string, config: WebhookConfig): z.output<typeof webhookView> {
  const { settings: known } = VENDORS[config.vendor];
  const shown = Object.entries(config.settings).filter(([name]) => known[name]?.hidden !== true);
  return {
    vendor: config.vendor,
    mapping: config.mapping,
    path: `/v1/webhooks/${source}`,
    secrets: config.secrets.length,
    settings: Object.fromEntries(shown),
  };
}
