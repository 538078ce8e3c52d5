import { z } from 'zod';
import type { Simulation } from '../../../domain/identity/replay.ts';
import { diffRules } from '../../../domain/identity/rules-diff.ts';
import type { TenantStore } from '../../../storage/tenant.types.ts';
import { rulesBody, rulesWith } from './identity-rules.ts';
import { noSuchSimulation } from './rule-replays.ts';
import type { ReplayStarter } from './rule-replays.ts';
import { ok, route } from './route.ts';
import type { ApiRoute } from './route.ts';
import { changedBy, instant, pageOf, pageQuery } from './schemas.ts';

const TAG = 'Identity';
const params = z.strictObject({ id: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/) });
const NOT_FOUND = { description: 'There is no such simulation' };
const started = z.object({ simulationId: z.string(), workflowId: z.string(), statusUrl: z.string() });

const simulation = z.object({
  simulationId: z.string(),
  status: z.enum([
    ...['simulating', 'simulated', 'promoting', 'promoted', 'undoing', 'undone', 'discarded', 'failed'],
  ] as [string, ...string[]]),
  baseVersion: z.number(),
  promotedVersion: z.number().nullable(),
  undoneVersion: z.number().nullable(),
  changes: z
    .array(z.looseObject({ path: z.string() }))
    .meta({ description: 'How the candidate rules differ' }),
  requestedAt: instant,
  actor: z.string(),
  reason: z.string().nullable(),
  error: z.string().nullable(),
});
const withReport = simulation.extend({
  progress: z.looseObject({}).nullable().meta({ description: 'While a step runs: how far it is' }),
  report: z
    .looseObject({
      profiles: z.object({ before: z.number(), after: z.number() }),
      merges: z.number(),
      splits: z.number(),
      regroups: z.number(),
      changes: z.array(z.looseObject({ kind: z.string(), profiles: z.array(z.string()) })),
    })
    .nullable()
    .meta({ description: 'What would merge and split, by name, with reasons; null until it is there' }),
});

/** What-if runs of candidate rules over all history, their promotion and its taking back. */
export function simulationRoutes(store: TenantStore, replays: ReplayStarter): ApiRoute[] {
  return [
    startRoute(store, replays),
    listRoute(store),
    showRoute(store, replays),
    discardRoute(replays),
    ...(['promote', 'undo'] as const).map((step) => stepRoute(replays, step)),
  ];
}

function startRoute(store: TenantStore, replays: ReplayStarter): ApiRoute {
  return route(
    {
      method: 'POST',
      path: '/v1/identity/simulations',
      tag: TAG,
      summary: 'Try rules on all history: what would merge and split; nothing is changed',
      description: 'What the body leaves out is as in the rules in force; null takes a rule out of force.',
      query: changedBy,
      body: rulesBody,
      answers: {
        202: { description: 'Started', schema: started },
        503: { description: 'Temporal does not answer' },
      },
    },
    async ({ body, query }) => {
      const { identity } = await store.registry.config();
      const begun = await replays.simulate(rulesWith(identity, body), query);
      return { status: 202, body: begun, headers: { location: begun.statusUrl } };
    },
  );
}

function listRoute(store: TenantStore): ApiRoute {
  return route(
    {
      method: 'GET',
      path: '/v1/identity/simulations',
      tag: TAG,
      summary: 'Runs of rules over history, newest first',
      query: z.strictObject(pageQuery),
      answers: { 200: { description: 'The runs', schema: pageOf(simulation) } },
    },
    async ({ query: { limit, cursor } }) => {
      const page = await store.simulations.list({ limit, ...(cursor === undefined ? {} : { cursor }) });
      return ok({ items: page.items.map(present), cursor: page.cursor });
    },
  );
}

function showRoute(store: TenantStore, replays: ReplayStarter): ApiRoute {
  return route(
    {
      method: 'GET',
      path: '/v1/identity/simulations/{id}',
      tag: TAG,
      summary: 'One run: where it stands, and what the rules would change',
      params,
      answers: { 200: { description: 'The run', schema: withReport }, 404: NOT_FOUND },
    },
    async (input) => {
      const found = await store.simulations.get(input.params.id);
      if (found === undefined) throw noSuchSimulation();
      const [progress, report] = await Promise.all([
        replays.progress(found),
        store.simulations.report(found.simulationId),
      ]);
      return ok({ ...present(found), progress: progress ?? null, report: report ?? null });
    },
  );
}

function stepRoute(replays: ReplayStarter, step: 'promote' | 'undo'): ApiRoute {
  return route(
    {
      method: 'POST',
      path: `/v1/identity/simulations/{id}/${step}`,
      tag: TAG,
      summary:
        step === 'promote'
          ? 'Make the rules the version in force, and have history judged by them'
          : 'Take a promotion back: profiles are what they would have been without it',
      params,
      answers: {
        202: { description: 'Started', schema: started },
        404: NOT_FOUND,
        409: { description: 'The run stands where this can not be done' },
      },
    },
    async (input) => {
      const begun = await replays.step(input.params.id, step);
      return { status: 202, body: begun, headers: { location: begun.statusUrl } };
    },
  );
}

function discardRoute(replays: ReplayStarter): ApiRoute {
  return route(
    {
      method: 'POST',
      path: '/v1/identity/simulations/{id}/discard',
      tag: TAG,
      summary: 'Leave the rules as they are; the report is kept',
      params,
      answers: {
        200: { description: 'Discarded', schema: simulation },
        404: NOT_FOUND,
        409: { description: 'The run stands where this can not be done' },
      },
    },
    async (input) => ok(present(await replays.discard(input.params.id))),
  );
}

function present(found: Simulation): object {
  const { simulationId, status, base, candidate, requestedAt, actor } = found;
  return {
    simulationId,
    status,
    baseVersion: base.version,
    promotedVersion: found.promotedVersion ?? null,
    undoneVersion: found.undoneVersion ?? null,
    changes: diffRules(base, candidate),
    requestedAt,
    actor,
    reason: found.reason ?? null,
    error: found.error ?? null,
  };
}
