import { createUlids } from '../../../storage/intake/ulid.ts';
import { z } from 'zod';
import {
  NOTHING_COUNTED,
  THRESHOLD_LINK_DEFAULT,
  THRESHOLD_REVIEW_DEFAULT,
  type LinkProgress,
  type LinkRequest,
} from '../../../domain/link-records/run.ts';
import type { LinkRun } from '../../../storage/linkage/types.ts';
import type { TenantStore } from '../../../storage/tenant.types.ts';
import {
  LINK_PROGRESS_QUERY,
  LINK_RECORDS_WORKFLOW,
  linkWorkflowId,
} from '../../../workflows/contract/link-records.ts';
import { linkOptions } from '../../../workflows/contract/start.ts';
import { ProblemError } from '../problem.ts';
import type { Runs } from '../runs.ts';
import { identifierType, linkRun, probability, runId } from './link-schemas.ts';
import { defined } from './profiles.ts';
import { ok, route } from './route.ts';
import type { ApiRoute } from './route.ts';
import { name, pageOf, pageQuery, started } from './schemas.ts';
import { find } from './source-view.ts';
import { why } from './carry-out.ts';

const TAG = 'Linking records';
const SOURCES_MAX = 50;
const params = z.strictObject({ runId });
const newRunId = createUlids(Date.now);

const request = z.strictObject({
  sources: z
    .array(name)
    .min(1)
    .max(SOURCES_MAX)
    .transform((sources) => [...new Set(sources)].sort()),
  recordType: identifierType
    .default('crmId')
    .meta({ description: 'The type of identifier that each record has one of' }),
  mode: z.enum(['full', 'incremental']).default('full').meta({
    description: 'incremental: only records that are new or changed since the last run, under its model',
  }),
  dryRun: z.boolean().default(false),
  actor: why.actor,
  thresholdLink: probability.default(THRESHOLD_LINK_DEFAULT),
  thresholdReview: probability.default(THRESHOLD_REVIEW_DEFAULT),
  model: runId
    .optional()
    .meta({ description: 'A saved model instead of training one: the run that trained it' }),
});

/** Runs that link the records of sources: started here, watched here, reported here. */
export function linkRunRoutes(store: TenantStore, runs: Runs): ApiRoute[] {
  return [startRoute(store, runs), listRoute(store), showRoute(store, runs)];
}

function startRoute(store: TenantStore, runs: Runs): ApiRoute {
  return route(
    {
      method: 'POST',
      path: '/v1/identity/runs',
      tag: TAG,
      summary: 'Find out which records of some sources are the same person, without shared identifiers',
      body: request,
      answers: {
        202: { description: 'Started', schema: started.extend({ runId: z.string() }) },
        404: { description: 'There is no such source' },
        422: { description: 'The thresholds contradict each other, or there is no such model' },
        503: { description: 'Temporal does not answer' },
      },
    },
    async ({ body }) => {
      for (const source of body.sources) await find(store, source);
      await check(store, body);
      const { model, actor, ...rest } = body;
      const asked: LinkRequest = {
        ...rest,
        ...(model === undefined ? {} : { model }),
        runId: newRunId(),
        requestedAt: new Date().toISOString(),
        requestedBy: actor,
      };
      await store.linkage.runs.putRequest(asked);
      const options = linkOptions({ tenant: store.tenant, runId: asked.runId }, asked.sources);
      const workflowId = await runs.start(LINK_RECORDS_WORKFLOW, options);
      const statusUrl = `/v1/identity/runs/${asked.runId}`;
      return {
        status: 202,
        body: { workflowId, statusUrl, runId: asked.runId },
        headers: { location: statusUrl },
      };
    },
  );
}

async function check(store: TenantStore, body: z.output<typeof request>): Promise<void> {
  if (body.thresholdReview > body.thresholdLink)
    throw new ProblemError(
      422,
      'thresholds-crossed',
      'thresholdReview must not be above thresholdLink: what is reviewed is less likely than what is linked.',
    );
  if (body.model !== undefined && (await store.linkage.models.get(body.model)) === undefined)
    throw new ProblemError(
      422,
      'no-such-model',
      'model: there is no such model; name a run that trained one, see GET /v1/identity/runs.',
    );
  if (body.mode === 'incremental' && body.model !== undefined)
    throw new ProblemError(
      422,
      'model-with-incremental',
      'model: an incremental run uses the model of the run that it goes on from; leave one of both out.',
    );
}

function listRoute(store: TenantStore): ApiRoute {
  return route(
    {
      method: 'GET',
      path: '/v1/identity/runs',
      tag: TAG,
      summary: 'Runs, newest first',
      query: z.strictObject(pageQuery),
      answers: { 200: { description: 'A page of runs, without their reports', schema: pageOf(linkRun) } },
    },
    async ({ query }) => {
      const { items, cursor } = await store.linkage.runs.list(defined(query));
      return ok({ items: items.map((run) => present(store.tenant, run, run.progress)), cursor });
    },
  );
}

function showRoute(store: TenantStore, runs: Runs): ApiRoute {
  return route(
    {
      method: 'GET',
      path: '/v1/identity/runs/{runId}',
      tag: TAG,
      summary: 'How far a run is, and once it is over what came of it',
      params,
      answers: {
        200: { description: 'The run', schema: linkRun },
        404: { description: 'There is no such run' },
        503: { description: 'Temporal does not answer' },
      },
    },
    async (input) => {
      const run = await store.linkage.runs.run(input.params.runId);
      if (run === undefined) throw new ProblemError(404, 'no-such-run', 'There is no run of this id.');
      // What is kept is final, and outlives the workflow and Temporal's database.
      const progress =
        run.progress ??
        (await runs.ask<LinkProgress>(linkWorkflowId(store.tenant, run.request.runId), LINK_PROGRESS_QUERY));
      const { report } = run;
      return ok({
        ...present(store.tenant, run, progress),
        ...(report === undefined ? {} : { report }),
      });
    },
  );
}

/** A run without progress never ran, or was stopped with Temporal's database. */
function present(tenant: string, run: LinkRun, progress: LinkProgress | undefined): object {
  const { request: asked, finishedAt } = run;
  const { runId: id, sources, recordType, mode, dryRun, thresholdLink, thresholdReview, requestedAt } = asked;
  return {
    ...{ recordType, mode, thresholdLink, thresholdReview, requestedAt },
    ...(progress ?? { ...NOTHING_COUNTED, runId: id, sources, dryRun, stage: 'listing' }),
    ...(finishedAt === undefined ? {} : { finishedAt }),
    workflowId: linkWorkflowId(tenant, id),
  };
}
