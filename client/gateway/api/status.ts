import { z } from 'zod';
import type { TenantStore } from '../../../storage/tenant.types.ts';
import type { RefusedCounts } from '../../../storage/webhooks/types.ts';
import { ok, route } from './route.ts';
import type { ApiRoute } from './route.ts';

const counts = z.object({
  received: z.number(),
  stored: z.number(),
  duplicates: z.number(),
  quarantined: z.number(),
  pending: z.number(),
  refused: z.number().optional().meta({
    description: 'Webhook requests that were turned away; no items, so in none of the counts above',
  }),
  refusedBy: z.record(z.string(), z.number()).optional().meta({ description: 'The same by reason' }),
});

const EMPTY = { received: 0, stored: 0, duplicates: 0, quarantined: 0, pending: 0 };

/** Counts of the tenant and of each source; sources that never got anything are listed with zeros. */
export function statusRoutes(
  store: TenantStore,
  refusals: () => Promise<ReadonlyMap<string, RefusedCounts>>,
): ApiRoute[] {
  return [
    route(
      {
        method: 'GET',
        path: '/v1/status',
        tag: 'Status',
        summary: 'Counts; received = stored + duplicates + quarantined + pending, exactly',
        answers: {
          200: {
            description: 'Counts',
            schema: z.object({
              profiles: z.number(),
              fragments: z.number(),
              events: z.number(),
              sources: z.record(z.string(), counts),
            }),
          },
        },
      },
      async () => {
        const [found, sources, turnedAway] = await Promise.all([
          store.batches.counts(),
          store.registry.sources(),
          refusals(),
        ]);
        const bySource = new Map<string, object>(sources.map(({ name }) => [name, EMPTY]));
        for (const [name, count] of Object.entries(found.sources)) bySource.set(name, count);
        for (const [name, counts] of turnedAway) {
          const refused = Object.values(counts).reduce((sum, count) => sum + count, 0);
          bySource.set(name, { ...(bySource.get(name) ?? EMPTY), refused, refusedBy: counts });
        }
        const { profiles, fragments, events } = found;
        return ok({ profiles, fragments, events, sources: Object.fromEntries(bySource) });
      },
    ),
    route(
      {
        method: 'GET',
        path: '/v1/usage',
        tag: 'Status',
        summary: 'What this process asked of the stores since it started',
        answers: {
          200: {
            description: 'Counters by name',
            schema: z.object({ counters: z.record(z.string(), z.number()) }),
          },
        },
      },
      async () => Promise.resolve(ok({ counters: store.storage.meter.read() })),
    ),
  ];
}
