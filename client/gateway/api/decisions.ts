import { z } from 'zod';
import type { StoredResolution } from '../../../storage/resolutions/types.ts';
import type { TenantStore } from '../../../storage/tenant.types.ts';
import {
  RESOLUTION_PROGRESS_QUERY,
  resolutionWorkflowId,
  type ResolutionProgress,
} from '../../../workflows/contract/resolution.ts';
import { ProblemError } from '../problem.ts';
import type { Runs } from '../runs.ts';
import { pairOf, splitOf } from './decided-nodes.ts';
import { defined } from './profiles.ts';
import { carryOut, DECISION_ANSWERS, decisionQuery, why } from './carry-out.ts';
import { ok, route } from './route.ts';
import type { ApiRoute } from './route.ts';
import { instant, pageOf, pageQuery, personParams } from './schemas.ts';

const TAG = 'Identity';
const person = personParams.shape.id;
const decision = z.looseObject({
  decisionId: z.string(),
  kind: z.enum(['split', 'link', 'never-link', 'joins']),
  status: z.enum(['running', 'done', 'refused', 'failed']),
  reason: z.string(),
  actor: z.string(),
  requestedAt: instant,
  profiles: z.array(z.string()),
});
/** What operators decide on who is who, and what was decided. */
export function decisionRoutes(store: TenantStore, runs: Runs): ApiRoute[] {
  return [
    splitRoute(store, runs),
    pairRoute(store, runs, 'link', 'These two are one person, whatever the rules say'),
    pairRoute(store, runs, 'never-link', 'These two are never one person, whatever they share'),
    listRoute(store),
    showRoute(store, runs),
  ];
}

function splitRoute(store: TenantStore, runs: Runs): ApiRoute {
  return route(
    {
      method: 'POST',
      path: '/v1/profiles/{id}/split',
      tag: TAG,
      summary: 'These identifiers go, the others stay; and no event joins them again',
      params: personParams,
      query: decisionQuery,
      body: z.strictObject({ away: z.array(person).min(1).max(10_000), ...why }),
      answers: DECISION_ANSWERS,
    },
    async ({ params, query: asked, body }) => {
      const { away, ...because } = body;
      const task = await splitOf(store, params.id, away);
      return carryOut({ store, runs, wait: asked.wait }, task, because);
    },
  );
}

function pairRoute(store: TenantStore, runs: Runs, kind: 'link' | 'never-link', summary: string): ApiRoute {
  return route(
    {
      method: 'POST',
      path: `/v1/profiles/${kind}`,
      tag: TAG,
      summary,
      query: decisionQuery,
      body: z.strictObject({ a: person, b: person, ...why }),
      answers: DECISION_ANSWERS,
    },
    async ({ query: asked, body }) => {
      const { a, b, ...because } = body;
      const pair = await pairOf(store, a, b);
      return carryOut({ store, runs, wait: asked.wait }, { kind, ...pair }, because);
    },
  );
}

function listRoute(store: TenantStore): ApiRoute {
  return route(
    {
      method: 'GET',
      path: '/v1/identity/decisions',
      tag: TAG,
      summary: 'What was decided on who is who: by whom, when and why; newest first',
      query: z.strictObject(pageQuery),
      answers: { 200: { description: 'A page of decisions', schema: pageOf(decision) } },
    },
    async (input) => {
      const page = await store.resolutions.list(defined(input.query));
      return ok({ items: page.items.map(present), cursor: page.cursor });
    },
  );
}

function showRoute(store: TenantStore, runs: Runs): ApiRoute {
  return route(
    {
      method: 'GET',
      path: '/v1/identity/decisions/{decisionId}',
      tag: TAG,
      summary: 'One decision, and how far its run is',
      params: z.strictObject({ decisionId: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/) }),
      answers: {
        200: { description: 'The decision', schema: decision },
        404: { description: 'There is no such decision' },
      },
    },
    async ({ params }) => {
      const found = await store.resolutions.get(params.decisionId);
      if (!found) throw new ProblemError(404, 'no-such-decision', 'There is no decision of this id.');
      if (found.outcome) return ok(present(found));
      const workflowId = resolutionWorkflowId(store.tenant, found.id);
      const progress = await runs.ask<ResolutionProgress>(workflowId, RESOLUTION_PROGRESS_QUERY);
      return ok({ ...present(found), workflowId, ...(progress && { progress }) });
    },
  );
}

function present({ id, task, reason, actor, requestedAt, outcome }: StoredResolution): object {
  const { kind, ...about } = task;
  return {
    decisionId: id,
    kind,
    status: outcome?.status ?? 'running',
    ...{ reason, actor, requestedAt },
    ...about,
    profiles: outcome?.profiles ?? [],
    ...(outcome && { endedAt: outcome.endedAt, minted: outcome.minted, mergedAway: outcome.mergedAway }),
    ...(outcome?.refusal === undefined ? {} : { refusal: outcome.refusal }),
    ...(outcome?.error === undefined ? {} : { error: outcome.error }),
  };
}
