import { z } from 'zod';
import { comparePlans } from '../../../domain/tracking/compatibility.ts';
import { planProblems } from '../../../domain/tracking/problems.ts';
import { planDefinitionSchema } from '../../../domain/tracking/schema.ts';
import type { PlanDefinition, TrackingPlan } from '../../../domain/tracking/types.ts';
import type { TenantStore } from '../../../storage/tenant.types.ts';
import { ProblemError } from '../problem.ts';
import { draftRoutes } from './tracking-drafts.ts';
import { ok, route } from './route.ts';
import type { ApiRoute } from './route.ts';
import { instant, mappingRef, name, pageOf, shortListQuery } from './schemas.ts';
import { violationRoutes } from './violations.ts';
import { pageOfList } from './whole-list.ts';

const TAG = 'Tracking plans';
const NOT_FOUND = { description: 'There is no such plan' };
const params = z.strictObject({ ref: mappingRef.meta({ description: 'name, or name@version' }) });
const change = z.object({
  event: z.string(),
  path: z.string(),
  change: z.string(),
  breaking: z.boolean(),
});
const plan = planDefinitionSchema.extend({ version: z.number() });
const stored = plan.extend({
  compatible: z.boolean().meta({ description: 'Whether what kept to the version before keeps to this one' }),
  changes: z.array(change).meta({ description: 'Since the version before' }),
});
const summary = plan.omit({ rules: true, common: true }).extend({ events: z.number() });

/** Tracking plans: what events must look like, versioned, and how they break it. */
export function trackingPlanRoutes(store: TenantStore): ApiRoute[] {
  return [
    listRoute(store),
    putRoute(store),
    checkRoute(store),
    ...draftRoutes(store),
    ...violationRoutes(store),
    getRoute(store),
    versionsRoute(store),
  ];
}

function listRoute(store: TenantStore): ApiRoute {
  return route(
    {
      method: 'GET',
      path: '/v1/tracking-plans',
      tag: TAG,
      summary: 'The newest version of each plan, without its rules',
      query: z.strictObject(shortListQuery),
      answers: { 200: { description: 'The plans', schema: pageOf(summary) } },
    },
    async ({ query }) => {
      const { items, cursor } = pageOfList(await store.registry.plans.all(), (one) => one.name, query);
      return ok({ items: items.map(summaryOf), cursor });
    },
  );
}

function putRoute(store: TenantStore): ApiRoute {
  return route(
    {
      method: 'POST',
      path: '/v1/tracking-plans',
      tag: TAG,
      summary: 'Store a new version of a plan; it holds within a second',
      body: planDefinitionSchema.extend({
        onlyCompatible: z
          .boolean()
          .default(false)
          .meta({ description: 'Refuse a version that breaks what kept to the one before' }),
      }),
      answers: {
        201: { description: 'The new version', schema: stored },
        409: { description: 'Not compatible with the version before' },
        422: { description: 'The plan can not be used, and why' },
      },
    },
    async ({ body }) => {
      const { onlyCompatible, ...given } = body;
      const definition = usable(given);
      const before = await store.registry.plans.get(definition.name);
      const changes = before === undefined ? [] : comparePlans(before, definition);
      const compatible = !changes.some(({ breaking }) => breaking);
      if (onlyCompatible && !compatible)
        throw new ProblemError(
          409,
          'incompatible-plan',
          'This version breaks what kept to the one before; see changes, or store it without onlyCompatible.',
          { extensions: { changes } },
        );
      const after = await store.registry.plans.put(definition);
      return {
        status: 201,
        body: { ...after, compatible, changes },
        headers: { location: `/v1/tracking-plans/${after.name}@${after.version}` },
      };
    },
  );
}

function checkRoute(store: TenantStore): ApiRoute {
  return route(
    {
      method: 'POST',
      path: '/v1/tracking-plans/check',
      tag: TAG,
      summary: 'Whether a plan could be used, and what it would change; nothing is stored',
      body: z.strictObject({
        plan: planDefinitionSchema,
        against: mappingRef.optional().meta({ description: 'The newest version of its name where absent' }),
      }),
      answers: {
        200: {
          description: 'What was found',
          schema: z.object({
            against: z.string().nullable(),
            compatible: z.boolean(),
            changes: z.array(change),
            problems: z.array(z.object({ path: z.string(), expected: z.string() })),
          }),
        },
        404: NOT_FOUND,
      },
    },
    async ({ body }) => {
      const definition = plainPlan(body.plan);
      const against =
        body.against === undefined
          ? await store.registry.plans.get(definition.name)
          : await findPlan(store, body.against);
      const changes = against === undefined ? [] : comparePlans(against, definition);
      return ok({
        against: against === undefined ? null : `${against.name}@${against.version}`,
        compatible: !changes.some(({ breaking }) => breaking),
        changes,
        problems: planProblems(definition),
      });
    },
  );
}

function getRoute(store: TenantStore): ApiRoute {
  return route(
    {
      method: 'GET',
      path: '/v1/tracking-plans/{ref}',
      tag: TAG,
      summary: 'One plan, the newest version or name@version',
      params,
      answers: { 200: { description: 'The plan', schema: plan }, 404: NOT_FOUND },
    },
    async (input) => ok(await findPlan(store, input.params.ref)),
  );
}

function versionsRoute(store: TenantStore): ApiRoute {
  return route(
    {
      method: 'GET',
      path: '/v1/tracking-plans/{name}/versions',
      tag: TAG,
      summary: 'All versions of a plan, oldest first, each with what it changed',
      params: z.strictObject({ name }),
      query: z.strictObject(shortListQuery),
      answers: {
        200: {
          description: 'The versions',
          schema: pageOf(
            summary.extend({ recordedAt: instant, compatible: z.boolean(), changes: z.array(change) }),
          ),
        },
        404: NOT_FOUND,
      },
    },
    async (input) => {
      const versions = await store.registry.plans.versions(input.params.name);
      if (versions.length === 0) throw noSuchPlan();
      const compared = versions.map(({ plan, recordedAt }, at) => ({
        ...{ plan, recordedAt, before: versions[at - 1]?.plan },
      }));
      const page = pageOfList(compared, (one) => String(one.plan.version), input.query);
      const items = page.items.map(({ plan: version, recordedAt, before }) => {
        const changes = before === undefined ? [] : comparePlans(before, version);
        return {
          ...summaryOf(version),
          recordedAt,
          compatible: !changes.some((one) => one.breaking),
          changes,
        };
      });
      return ok({ items, cursor: page.cursor });
    },
  );
}

function summaryOf(found: TrackingPlan): object {
  const { name: planName, version, description, sources, mode, unplanned, rules } = found;
  return { name: planName, version, description, sources, mode, unplanned, events: rules.length };
}

/** What a schema read, as the domain has it: members that are undefined are left out. */
function plainPlan(given: z.output<typeof planDefinitionSchema>): PlanDefinition {
  // Sound: the schema is the definition's own, but for `undefined` in optional members.
  return JSON.parse(JSON.stringify(given)) as PlanDefinition;
}

function usable(given: z.output<typeof planDefinitionSchema>): PlanDefinition {
  const definition = plainPlan(given);
  const problems = planProblems(definition);
  const [first] = problems;
  if (first === undefined) return definition;
  throw new ProblemError(422, 'invalid-plan', `${first.path}: expected ${first.expected}.`, {
    extensions: { errors: problems },
  });
}

async function findPlan(store: TenantStore, ref: string): Promise<TrackingPlan> {
  const found = await store.registry.plans.get(ref);
  if (found === undefined) throw noSuchPlan();
  return found;
}

function noSuchPlan(): ProblemError {
  return new ProblemError(404, 'no-such-plan', 'There is no such tracking plan; see /v1/tracking-plans.');
}
