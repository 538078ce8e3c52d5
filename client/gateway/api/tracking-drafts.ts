import { z } from 'zod';
import { inferRules } from '../../../domain/tracking/infer.ts';
import { planDefinitionSchema } from '../../../domain/tracking/schema.ts';
import { convertSegmentPlan } from '../../../domain/tracking/segment-plan.ts';
import type { TenantStore } from '../../../storage/tenant.types.ts';
import { ProblemError } from '../problem.ts';
import { ok, route } from './route.ts';
import type { ApiRoute } from './route.ts';
import { name } from './schemas.ts';
import { find } from './source-view.ts';

const TAG = 'Tracking plans';

/** Drafts of plans, to be read over and stored: inferred from what was seen, or taken over from elsewhere. */
export function draftRoutes(store: TenantStore): ApiRoute[] {
  return [
    route(
      {
        method: 'POST',
        path: '/v1/tracking-plans/infer',
        tag: TAG,
        summary: 'A plan that all events of a source would have kept to; nothing is stored',
        body: z.strictObject({
          source: name,
          name: name.optional().meta({ description: "The source's own where absent" }),
        }),
        answers: {
          200: { description: 'The draft', schema: planDefinitionSchema },
          404: { description: 'There is no such source' },
        },
      },
      async ({ body }) => {
        const source = await find(store, body.source);
        return ok({
          name: body.name ?? source.name,
          description: `Inferred from the events of ${source.name}.`,
          sources: [source.name],
          mode: 'warn',
          unplanned: 'allow',
          rules: inferRules(await store.quality.shapes(source.name)),
        });
      },
    ),
    route(
      {
        method: 'POST',
        path: '/v1/tracking-plans/convert',
        tag: TAG,
        summary: 'A plan made from a Segment tracking plan; nothing is stored',
        body: z.strictObject({
          name,
          sources: z.array(name).default([]),
          mode: z.enum(['allow', 'warn', 'quarantine']).default('warn'),
          unplanned: z.enum(['allow', 'warn', 'quarantine']).default('allow'),
          segment: z
            .json()
            .meta({ description: 'As the Public API lists rules, or as the Config API has plans' }),
        }),
        answers: {
          200: {
            description: 'The draft, and what could not be taken over',
            schema: z.object({ plan: planDefinitionSchema, notes: z.array(z.string()) }),
          },
          422: { description: 'It is no Segment tracking plan' },
        },
      },
      ({ body }) => {
        const { segment, ...settings } = body;
        const converted = convertSegmentPlan(segment);
        if (converted === undefined)
          throw new ProblemError(
            422,
            'not-a-segment-plan',
            'segment: expected rules as Segment exports them: {"rules": [{"type", "key", "jsonSchema"}]}.',
          );
        const { notes, ...taken } = converted;
        return Promise.resolve(ok({ plan: { ...settings, ...taken }, notes }));
      },
    ),
  ];
}
