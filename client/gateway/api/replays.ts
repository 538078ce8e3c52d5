import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { MappingReplay } from '../../../domain/mapping/replay.ts';
import type { TenantStore } from '../../../storage/tenant.types.ts';
import {
  REHEARSAL_PROGRESS_QUERY,
  REHEARSE_MAPPING_WORKFLOW,
  rehearsalWorkflowId,
  type RehearsalProgress,
} from '../../../workflows/contract/rehearse-mapping.ts';
import {
  REPLAY_CANCEL_SIGNAL,
  REPLAY_MAPPING_PROGRESS_QUERY,
  REPLAY_MAPPING_WORKFLOW,
  REPLAY_PAUSE_SIGNAL,
  REPLAY_RESUME_SIGNAL,
  replayMappingWorkflowId,
  type ReplayMappingProgress,
} from '../../../workflows/contract/replay-mapping.ts';
import { rehearsalOptions, replayMappingOptions } from '../../../workflows/contract/start.ts';
import { ProblemError } from '../problem.ts';
import type { Runs } from '../runs.ts';
import type { Answer, ApiRoute } from './route.ts';
import { ok, route } from './route.ts';
import { mappingRef, moment, name, started } from './schemas.ts';
import { find } from './source-view.ts';
import { untilDone } from './until-done.ts';

const TAG = 'Replays';
const counts = z.record(z.string(), z.number());
const rehearsal = z.object({
  runId: z.string(),
  status: z.enum(['reading', 'done']),
  batches: z.number(),
  items: z.number(),
  same: z.number(),
  changed: z.number().meta({ description: 'Items whose events would be others' }),
  mended: z.number().meta({ description: 'Items that were refused and would be taken' }),
  broken: z.number().meta({ description: 'Items that were taken and would be refused' }),
  refused: z.number().meta({ description: 'Items that both refuse' }),
  fields: counts.meta({ description: 'In how many items each field differs' }),
  mendedBy: counts,
  brokenBy: counts,
});
const replayed = z.object({
  runId: z.string(),
  status: z.enum(['planning', 'replaying', 'judging', 'releasing', 'done', 'cancelled', 'failed']),
  isPaused: z.boolean(),
  slices: z.number(),
  slicesDone: z.number(),
  items: z.number().meta({ description: 'Items that came with the mapping, within the times asked for' }),
  same: z.number().meta({ description: 'Of which the version makes what is stored' }),
  corrected: z
    .number()
    .meta({ description: 'Whose events were taken back for those that the version makes' }),
  moved: z.number().meta({ description: 'Of those, items whose events belong to other identifiers now' }),
  refused: z.number().meta({ description: 'That the version refuses: in quarantine now' }),
  duplicates: z.number().meta({ description: 'That are duplicates under the version' }),
  skipped: z
    .number()
    .meta({ description: 'That have no stored events: held, duplicates, or not through yet' }),
  left: z.number().meta({ description: 'Sets of profiles too large to be judged anew' }),
  released: z.number().meta({ description: 'Items that were held and went through the version' }),
  heldAgain: z.number(),
  error: z.string().optional(),
});
const runParams = z.strictObject({ source: name, runId: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/) });
const times = {
  from: moment.optional().meta({ description: 'Only items received then or later' }),
  to: moment.optional().meta({ description: 'Only items received before' }),
};

/** A new version of a mapping on what a source has sent before. */
export function replayRoutes(store: TenantStore, runs: Pick<Runs, 'start' | 'ask' | 'signal'>): ApiRoute[] {
  return [startRoute(store, runs), progressRoute(store, runs), steerRoute(store, runs)];
}

function startRoute(store: TenantStore, runs: Pick<Runs, 'start' | 'ask'>): ApiRoute {
  return route(
    {
      method: 'POST',
      path: '/v1/replays',
      tag: TAG,
      summary: "Map a source's raw items again by another version of a mapping, or try it",
      description:
        'A dry run maps every raw item by both versions and says what would differ; nothing is stored. Without dryRun, stored ' +
        'items that come out otherwise are corrected: their events are taken back and appended as the version makes them, on ' +
        'whichever identifiers they belong to. Items that it refuses go to quarantine; items in quarantine that came with ' +
        'the mapping go through it. What was known before stays readable by knownAt, and the former version takes it back.',
      body: z.strictObject({
        source: name,
        mapping: mappingRef.meta({ description: 'name@version to try' }),
        against: mappingRef.optional().meta({ description: 'The version before it where absent' }),
        dryRun: z.boolean().default(false),
        ...times,
      }),
      answers: {
        200: { description: 'Done', schema: z.union([rehearsal, replayed]) },
        202: { description: 'Under way', schema: started.extend({ runId: z.string() }) },
        404: { description: 'There is no such source' },
        409: { description: 'A replay of the source is under way' },
        422: { description: 'There is no such mapping' },
        503: { description: 'Temporal does not answer' },
      },
    },
    async ({ body }) => {
      const source = await find(store, body.source);
      const after = await versionOf(store, body.mapping);
      const { from, to } = body;
      const within = { ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
      if (!body.dryRun) return replay(store, runs, { source: source.name, mapping: after, ...within });
      const before = await versionOf(store, body.against ?? versionBefore(after));
      const runId = randomBytes(12).toString('base64url');
      const options = rehearsalOptions({
        ...{ tenant: store.tenant, source: source.name, runId, before, after },
        ...(from !== undefined && { receivedFrom: from }),
        ...(to !== undefined && { receivedTo: to }),
      });
      const workflowId = await runs.start(REHEARSE_MAPPING_WORKFLOW, options);
      const done = await untilDone<RehearsalProgress>(runs, workflowId, REHEARSAL_PROGRESS_QUERY);
      if (done !== undefined)
        return ok({ runId, status: done.status, ...(await store.rehearsals.sum(runId)) });
      return underWay(workflowId, `/v1/replays/${source.name}/${runId}`, runId);
    },
  );
}

/** The counts of a run with its state, as answered. */
function answerOf({ runId, ...progress }: ReplayMappingProgress): Record<string, unknown> {
  return { runId, ...progress };
}

async function replay(
  store: TenantStore,
  runs: Pick<Runs, 'start' | 'ask'>,
  asked: Pick<MappingReplay, 'source' | 'mapping' | 'from' | 'to'>,
): Promise<Answer> {
  const { tenant } = store;
  const { source, mapping } = asked;
  const runId = randomBytes(12).toString('base64url');
  const requestedAt = new Date().toISOString();
  await store.mappingReplays.putRequest({ runId, requestedAt, ...asked });
  // The run releases what the version takes of what is held already, under its own id.
  await store.releases.putRequest({
    ...{ runId, requestedAt, filter: { source }, mapping, cameWith: nameOf(mapping) },
  });
  const workflowId = await runs.start(
    REPLAY_MAPPING_WORKFLOW,
    replayMappingOptions({ tenant, source, runId }),
  );
  const done = await untilDone<ReplayMappingProgress>(runs, workflowId, REPLAY_MAPPING_PROGRESS_QUERY);
  if (done?.runId === runId) return ok(answerOf(done));
  return underWay(workflowId, `/v1/replays/${source}/${runId}`, runId);
}

function underWay(workflowId: string, statusUrl: string, runId: string): Answer {
  return { status: 202, body: { workflowId, statusUrl, runId }, headers: { location: statusUrl } };
}

function progressRoute(store: TenantStore, runs: Pick<Runs, 'ask'>): ApiRoute {
  return route(
    {
      method: 'GET',
      path: '/v1/replays/{source}/{runId}',
      tag: TAG,
      summary: 'How far a replay or a dry run is, and what it did or found so far',
      params: runParams,
      answers: {
        200: { description: 'What was found or done', schema: z.union([rehearsal, replayed]) },
        404: { description: 'There is no such run' },
        503: { description: 'Temporal does not answer' },
      },
    },
    async ({ params }) => {
      const { source, runId } = params;
      const replayed = await progressOf(store, runs, source, runId);
      if (replayed !== undefined) return ok(replayed);
      const workflowId = rehearsalWorkflowId(store.tenant, source, runId);
      const found = await runs.ask<RehearsalProgress>(workflowId, REHEARSAL_PROGRESS_QUERY);
      if (found === undefined)
        throw new ProblemError(404, 'no-such-replay', 'There is no replay of this id.');
      return ok({ runId, status: found.status, ...(await store.rehearsals.sum(runId)) });
    },
  );
}

/** A run's state: as it was kept at its end, else as it says itself; undefined where it is none of stored items. */
async function progressOf(
  store: TenantStore,
  runs: Pick<Runs, 'ask'>,
  source: string,
  runId: string,
): Promise<Record<string, unknown> | undefined> {
  const request = await store.mappingReplays.request(runId);
  if (request?.source !== source) return undefined;
  const outcome = await store.mappingReplays.outcome(runId);
  const workflowId = replayMappingWorkflowId(store.tenant, source);
  const found = await runs.ask<ReplayMappingProgress>(workflowId, REPLAY_MAPPING_PROGRESS_QUERY);
  if (found?.runId === runId && (outcome === undefined || found.status === outcome.status))
    return answerOf(found);
  if (outcome === undefined) return undefined;
  return { runId, isPaused: false, slices: 0, slicesDone: 0, ...outcome };
}

const SIGNALS = {
  pause: REPLAY_PAUSE_SIGNAL,
  resume: REPLAY_RESUME_SIGNAL,
  cancel: REPLAY_CANCEL_SIGNAL,
} as const;

function steerRoute(store: TenantStore, runs: Pick<Runs, 'ask' | 'signal'>): ApiRoute {
  return route(
    {
      method: 'POST',
      path: '/v1/replays/{source}/{runId}/{action}',
      tag: TAG,
      summary: 'Pause, resume or cancel a replay of stored items',
      description:
        'A cancelled replay leaves what it corrected; replaying the former version takes that back.',
      params: runParams.extend({ action: z.enum(['pause', 'resume', 'cancel']) }),
      answers: {
        202: { description: 'It is told', schema: z.object({ runId: z.string() }) },
        404: { description: 'No such replay is running' },
        503: { description: 'Temporal does not answer' },
      },
    },
    async ({ params: { source, runId, action } }) => {
      const workflowId = replayMappingWorkflowId(store.tenant, source);
      const found = await runs.ask<ReplayMappingProgress>(workflowId, REPLAY_MAPPING_PROGRESS_QUERY);
      if (found?.runId !== runId || !(await runs.signal(workflowId, SIGNALS[action])))
        throw new ProblemError(404, 'no-such-replay', 'There is no replay of this id that is running.');
      return { status: 202, body: { runId } };
    },
  );
}

function nameOf(ref: string): string {
  return ref.split('@')[0] ?? ref;
}

/** The version before one; the first version has none, and is compared with itself. */
function versionBefore(ref: string): string {
  const version = Number(ref.split('@')[1]);
  return `${nameOf(ref)}@${Math.max(1, version - 1)}`;
}

/** `name@version` of a mapping. Throws 422 where there is none. */
async function versionOf(store: TenantStore, ref: string): Promise<string> {
  const found = await store.registry.mapping(ref);
  if (found === undefined)
    throw new ProblemError(422, 'no-such-mapping', `There is no mapping ${ref}; see /v1/mappings.`);
  return `${found.name}@${found.version}`;
}
