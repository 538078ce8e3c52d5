import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import type { RulingRefusal } from '../../../domain/identity/decide.ts';
import type { ResolutionTask } from '../../../domain/identity/resolution.ts';
import type { StoredResolution } from '../../../storage/resolutions/types.ts';
import type { TenantStore } from '../../../storage/tenant.types.ts';
import {
  RESOLUTION_PROGRESS_QUERY,
  RESOLUTION_WORKFLOW,
  resolutionWorkflowId,
  type ResolutionProgress,
} from '../../../workflows/contract/resolution.ts';
import { resolutionOptions } from '../../../workflows/contract/start.ts';
import { ProblemError } from '../problem.ts';
import type { Runs } from '../runs.ts';
import { pairOf, splitOf } from './decided-nodes.ts';
import { defined } from './profiles.ts';
import { ok, route } from './route.ts';
import type { AnswerDoc, Answer, ApiRoute } from './route.ts';
import { instant, pageOf, pageQuery, personParams, started } from './schemas.ts';

const TAG = 'Identity';
/** How long a caller is kept waiting before it is told to ask for progress instead, and between looks, in milliseconds. */
const DECISION_WAIT_MS = 20_000;
const LOOK_MIN_MS = 10;
const LOOK_MAX_MS = 250;

const person = personParams.shape.id;
const why = {
  reason: z.string().min(1).max(2_000).meta({ description: 'Why; kept with the decision for good' }),
  actor: z.string().min(1).max(200).default('operator').meta({ description: 'Who decides' }),
};
const query = z.strictObject({
  wait: z.stringbool().default(true).meta({ description: 'false: answered at once, with where to ask' }),
});
const decided = z.object({
  profiles: z.array(z.string()).meta({ description: 'The profiles that the identifiers are in now' }),
  decisionId: z.string(),
});
const decision = z.looseObject({
  decisionId: z.string(),
  kind: z.enum(['split', 'link', 'never-link', 'joins']),
  status: z.enum(['running', 'done', 'refused', 'failed']),
  reason: z.string(),
  actor: z.string(),
  requestedAt: instant,
  profiles: z.array(z.string()),
});
const ANSWERS: Record<number, AnswerDoc> = {
  200: { description: 'Decided, and so read by everybody', schema: decided },
  202: { description: 'Under way', schema: started.extend({ decisionId: z.string() }) },
  404: { description: 'Nobody has this id or identifier' },
  409: { description: 'What is asked does not fit the profiles as they are now' },
  422: { description: 'The identifiers named make no such decision' },
  503: { description: 'Temporal does not answer' },
};

const REFUSALS: Record<RulingRefusal, string> = {
  'same-identifier': 'a and b are the same identifier.',
  'nothing-away': 'away: names nobody; name the identifiers that are to go.',
  'everything-away': 'away: names every identifier of the profile; leave out those that are to stay.',
  'not-together':
    'away: the identifiers are not in one profile any more; look at the profile again and repeat.',
  'too-large':
    'Too many profiles hang on this decision to be judged at once; block the identifier that they share, or decide on fewer identifiers.',
};

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
      query,
      body: z.strictObject({ away: z.array(person).min(1).max(10_000), ...why }),
      answers: ANSWERS,
    },
    async ({ params, query: asked, body }) => {
      const { away, ...because } = body;
      const task = await splitOf(store, params.id, away);
      return resolve({ store, runs, wait: asked.wait }, task, because);
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
      query,
      body: z.strictObject({ a: person, b: person, ...why }),
      answers: ANSWERS,
    },
    async ({ query: asked, body }) => {
      const { a, b, ...because } = body;
      const pair = await pairOf(store, a, b);
      return resolve({ store, runs, wait: asked.wait }, { kind, ...pair }, because);
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

interface Context {
  readonly store: TenantStore;
  readonly runs: Runs;
  readonly wait: boolean;
}

/** Keeps the request, starts its run and waits for its end, which readers see by then. */
async function resolve(
  { store, runs, wait: waits }: Context,
  task: ResolutionTask,
  because: { readonly reason: string; readonly actor: string },
): Promise<Answer> {
  const id = store.resolutions.newId();
  await store.resolutions.put({ id, task, ...because, requestedAt: new Date().toISOString() });
  const workflowId = await runs.start(RESOLUTION_WORKFLOW, resolutionOptions(store.tenant, id));
  const until = Date.now() + DECISION_WAIT_MS;
  for (let pause = LOOK_MIN_MS; waits && Date.now() < until; pause = Math.min(pause * 1.5, LOOK_MAX_MS)) {
    const outcome = (await store.resolutions.get(id))?.outcome;
    if (outcome?.status === 'done') return ok({ profiles: outcome.profiles, decisionId: id });
    if (outcome) throw notDecided(outcome.refusal, outcome.error);
    await wait(pause);
  }
  const statusUrl = `/v1/identity/decisions/${id}`;
  return { status: 202, body: { workflowId, statusUrl, decisionId: id }, headers: { location: statusUrl } };
}

function notDecided(refusal: RulingRefusal | undefined, error: string | undefined): ProblemError {
  if (refusal !== undefined) return new ProblemError(409, `decision-${refusal}`, REFUSALS[refusal]);
  return new ProblemError(409, 'decision-failed', `Nothing was changed: ${error ?? 'the run was stopped'}.`);
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
