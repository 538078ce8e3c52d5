import { z } from 'zod';
import { readHealth } from '../../../storage/quality/health.ts';
import type { TenantStore } from '../../../storage/tenant.types.ts';
import type { RefusedCounts } from '../../../storage/webhooks/types.ts';
import { ok, route } from './route.ts';
import type { ApiRoute } from './route.ts';
import { instant, name, pageOf, shortListQuery } from './schemas.ts';
import { find } from './source-view.ts';
import { thresholdRoutes } from './thresholds.ts';
import { pageOfList } from './whole-list.ts';

const TAG = 'Sources';
const health = z.object({
  source: z.string(),
  status: z.enum(['ok', 'warning', 'unused']),
  lastReceivedAt: instant.nullable(),
  secondsSinceLast: z.number().nullable(),
  itemsPerMinute: z.number().meta({ description: 'Over the last complete hour' }),
  itemsLastDay: z.number(),
  quarantinedShare: z.number().meta({ description: 'From 0 to 1, over the last day' }),
  duplicateShare: z.number(),
  clock: z
    .object({ meanSeconds: z.number(), maxSeconds: z.number() })
    .nullable()
    .meta({ description: 'Receipt less sending, of items that say when they were sent' }),
  volume: z.object({ lastHour: z.number(), usual: z.number().nullable() }),
  fields: z.array(
    z.object({ event: z.string(), path: z.string(), change: z.enum(['new', 'vanished']), at: instant }),
  ),
  findings: z.array(z.object({ code: z.string(), detail: z.string() })),
  refusedBy: z
    .record(z.string(), z.number())
    .optional()
    .meta({ description: 'Webhook requests that were turned away since the source is there, by reason' }),
});

/** How sources are: fresh, as busy as usual, and as clean. */
export function healthRoutes(
  store: TenantStore,
  refusals: () => Promise<ReadonlyMap<string, RefusedCounts>>,
): ApiRoute[] {
  const of = async (source: string): Promise<object> => {
    const [found, refused] = await Promise.all([readHealth(store, source, Date.now()), refusals()]);
    const refusedBy = refused.get(source);
    return { source, ...found, ...(refusedBy === undefined ? {} : { refusedBy }) };
  };
  return [
    route(
      {
        method: 'GET',
        path: '/v1/health',
        tag: TAG,
        summary: 'How all sources are',
        query: z.strictObject(shortListQuery),
        answers: { 200: { description: 'The sources', schema: pageOf(health) } },
      },
      async ({ query }) => {
        const { items, cursor } = pageOfList(await store.registry.sources(), (one) => one.name, query);
        return ok({ items: await Promise.all(items.map((source) => of(source.name))), cursor });
      },
    ),
    route(
      {
        method: 'GET',
        path: '/v1/sources/{name}/health',
        tag: TAG,
        summary: 'How a source is: freshness, rate, shares, clocks, fields, volume out of the ordinary',
        params: z.strictObject({ name }),
        answers: {
          200: { description: 'Its health', schema: health },
          404: { description: 'There is no such source' },
        },
      },
      async ({ params }) => ok(await of((await find(store, params.name)).name)),
    ),
    ...thresholdRoutes(store),
  ];
}
