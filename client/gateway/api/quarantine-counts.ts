import { z } from 'zod';
import { DEFAULT_RETENTION } from '../../../storage/intake/quarantine.ts';
import type { TenantStore } from '../../../storage/tenant.types.ts';
import { ok, route } from './route.ts';
import type { ApiRoute } from './route.ts';
import { instant, moment, name, pageOf, shortListQuery } from './schemas.ts';
import { pageOfList } from './whole-list.ts';

const TAG = 'Quarantine';
const DAY_MS = 86_400_000;
const DEFAULT_DAYS = 7;
/** Characters of `YYYY-MM-DD` and of `YYYY-MM-DDTHH`. */
const PERIOD_CHARS = { day: 10, hour: 13 } as const;
const DAYS_MAX = 3_650;

const count = z.object({
  source: z.string(),
  code: z.string(),
  count: z.number(),
  periods: z.array(z.object({ from: instant, count: z.number() })).meta({ description: 'Oldest first' }),
});

const retention = z.object({
  heldDays: z.number().nullable().meta({ description: 'null keeps what nobody decided on for good' }),
  releasedDays: z.number(),
});

/** How much went to quarantine, why, and when. */
export function countsRoutes(store: TenantStore): ApiRoute[] {
  return [
    route(
      {
        method: 'GET',
        path: '/v1/quarantine/counts',
        tag: TAG,
        summary: 'Items that went to quarantine, by source and reason over time, most first',
        query: z.strictObject({
          source: name.optional(),
          from: moment.optional().meta({ description: `Of receipt; ${DEFAULT_DAYS} days ago where absent` }),
          to: moment.optional(),
          by: z.enum(['hour', 'day']).default('day'),
          ...shortListQuery,
        }),
        answers: { 200: { description: 'Counts', schema: pageOf(count) } },
      },
      async ({ query }) => {
        const to = query.to ?? new Date().toISOString();
        const from = query.from ?? new Date(Date.parse(to) - DEFAULT_DAYS * DAY_MS).toISOString();
        const names = query.source === undefined ? await sourceNames(store) : [query.source];
        const found = await Promise.all(
          names.map((source) => countsOf(store, source, { from, to, by: query.by })),
        );
        const items = found.flat().sort((a, b) => b.count - a.count);
        return ok(pageOfList(items, (one) => `${one.source}/${one.code}`, query));
      },
    ),
  ];
}

async function sourceNames(store: TenantStore): Promise<string[]> {
  return (await store.registry.sources()).map((source) => source.name);
}

/** One entry a reason, most first. */
async function countsOf(
  store: TenantStore,
  source: string,
  { from, to, by }: { readonly from: string; readonly to: string; readonly by: 'hour' | 'day' },
): Promise<{ source: string; code: string; count: number; periods: { from: string; count: number }[] }[]> {
  const reasons = new Map<string, Map<string, number>>();
  for (const { hour, reasons: found } of await store.batches.hours(source, { from, to })) {
    const start = `${hour}:00:00.000Z`.slice(0, PERIOD_CHARS[by]);
    for (const [code, times] of Object.entries(found)) {
      const periods = reasons.get(code) ?? new Map<string, number>();
      periods.set(start, (periods.get(start) ?? 0) + times);
      reasons.set(code, periods);
    }
  }
  return [...reasons].map(([code, periods]) => ({
    source,
    code,
    count: [...periods.values()].reduce((sum, times) => sum + times, 0),
    periods: [...periods].map(([start, times]) => ({
      from: new Date(by === 'day' ? start : `${start}:00:00Z`).toISOString(),
      count: times,
    })),
  }));
}

/** How long entries are kept. */
export function retentionRoutes(store: TenantStore): ApiRoute[] {
  const current = async (): Promise<object> => {
    const { heldDays, releasedDays } = (await store.registry.config()).quarantine ?? DEFAULT_RETENTION;
    return { heldDays: heldDays ?? null, releasedDays };
  };
  return [
    route(
      {
        method: 'GET',
        path: '/v1/quarantine/retention',
        tag: TAG,
        summary: 'For how many days entries are kept',
        answers: { 200: { description: 'The days', schema: retention } },
      },
      async () => ok(await current()),
    ),
    route(
      {
        method: 'POST',
        path: '/v1/quarantine/retention',
        tag: TAG,
        summary: 'Set for how many days entries are kept; holds for entries made or released from now on',
        body: z.strictObject({
          heldDays: z.int().min(1).max(DAYS_MAX).nullable().default(null),
          releasedDays: z.int().min(1).max(DAYS_MAX).default(DEFAULT_RETENTION.releasedDays),
        }),
        answers: { 200: { description: 'The days', schema: retention } },
      },
      async ({ body }) => {
        const { heldDays, releasedDays } = body;
        await store.registry.setConfig({
          quarantine: { releasedDays, ...(heldDays === null ? {} : { heldDays }) },
        });
        return ok(await current());
      },
    ),
  ];
}
