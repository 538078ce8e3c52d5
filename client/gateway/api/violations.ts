import { z } from 'zod';
import type { TenantStore } from '../../../storage/tenant.types.ts';
import { omit } from '../omit.ts';
import { ProblemError } from '../problem.ts';
import { defined } from './profiles.ts';
import { ok, route } from './route.ts';
import type { ApiRoute } from './route.ts';
import { instant, name, pageOf, shortListQuery } from './schemas.ts';
import { pageOfList } from './whole-list.ts';

const TAG = 'Tracking plans';
const mode = z.enum(['allow', 'warn', 'quarantine']);
const violation = z.object({
  id: z.string(),
  source: z.string(),
  event: z.string(),
  path: z.string(),
  rule: z.string().meta({ description: 'Keyword of JSON Schema, or unplanned' }),
  expected: z.string(),
  plan: z.string(),
  mode,
  count: z.number(),
  first: instant,
  last: instant,
});

/** How events break their plans: counts, when, and an example, which is read from the raw record when it is asked for. */
export function violationRoutes(store: TenantStore): ApiRoute[] {
  return [
    route(
      {
        method: 'GET',
        path: '/v1/tracking-plans/violations',
        tag: TAG,
        summary: 'Ways in which events broke their plan, most frequent first',
        query: z.strictObject({
          source: name.optional(),
          plan: name.optional(),
          event: z.string().max(512).optional(),
          ...shortListQuery,
        }),
        answers: { 200: { description: 'The violations', schema: pageOf(violation) } },
      },
      async ({ query }) => {
        const { source, plan, event } = defined(query);
        const names =
          source === undefined ? (await store.registry.sources()).map((known) => known.name) : [source];
        const found = await Promise.all(names.map((one) => violationsOf(store, one)));
        const items = found
          .flat()
          .filter(
            (one) =>
              (plan === undefined || one.plan.startsWith(`${plan}@`)) &&
              (event === undefined || one.event === event),
          )
          .sort((a, b) => b.count - a.count);
        return ok(pageOfList(items, (one) => `${one.source}/${one.id}`, query));
      },
    ),
    route(
      {
        method: 'GET',
        path: '/v1/tracking-plans/violations/{source}/{id}',
        tag: TAG,
        summary: 'One violation with an example: the raw record that broke the plan last',
        params: z.strictObject({ source: name, id: z.string().regex(/^[A-Za-z0-9_-]{16}$/) }),
        answers: {
          200: {
            description: 'The violation; example is null once the record is gone',
            schema: violation.extend({ example: z.looseObject({}).nullable() }),
          },
          404: { description: 'There is no such violation' },
        },
      },
      async ({ params }) => {
        const { source, id } = params;
        const found = (await store.quality.violations(source)).find((one) => one.id === id);
        if (found === undefined)
          throw new ProblemError(404, 'no-such-violation', 'No event of this source did so.');
        const { lane, batchId, index } = found.example;
        const item = await store.batches.readItem(source, lane, batchId, index);
        return ok({ ...found, source, example: item?.body ?? null });
      },
    ),
  ];
}

async function violationsOf(
  store: TenantStore,
  source: string,
): Promise<{ id: string; source: string; plan: string; event: string; count: number }[]> {
  return (await store.quality.violations(source)).map((found) => ({ ...omit(found, 'example'), source }));
}
