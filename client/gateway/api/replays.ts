import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { TenantStore } from '../../../storage/tenant.types.ts';
import {
  REHEARSAL_PROGRESS_QUERY,
  REHEARSE_MAPPING_WORKFLOW,
  rehearsalWorkflowId,
  type RehearsalProgress,
} from '../../../workflows/contract/rehearse-mapping.ts';
import {
  RELEASE_PROGRESS_QUERY,
  RELEASE_QUARANTINE_WORKFLOW,
  type ReleaseProgress,
} from '../../../workflows/contract/release-quarantine.ts';
import { rehearsalOptions, releaseOptions } from '../../../workflows/contract/start.ts';
import { ProblemError } from '../problem.ts';
import type { Runs } from '../runs.ts';
import type { Answer, ApiRoute } from './route.ts';
import { ok, route } from './route.ts';
import { mappingRef, name, started } from './schemas.ts';
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
const released = z.object({
  runId: z.string(),
  status: z.literal('done'),
  released: z.number(),
  gone: z.number(),
  heldAgain: z.number(),
});

/** A new version of a mapping on what a source has sent before. */
export function replayRoutes(store: TenantStore, runs: Pick<Runs, 'start' | 'ask'>): ApiRoute[] {
  return [startRoute(store, runs), progressRoute(store, runs)];
}

function startRoute(store: TenantStore, runs: Pick<Runs, 'start' | 'ask'>): ApiRoute {
  return route(
    {
      method: 'POST',
      path: '/v1/replays',
      tag: TAG,
      summary:
        "Try another version of a mapping on all of a source's raw items, or send those through that are held",
      description:
        'A dry run maps every raw item by both versions and says what would differ; nothing is stored. Without dryRun, items ' +
        'in quarantine that came with the mapping go through the version named; events that are stored stay as they are.',
      body: z.strictObject({
        source: name,
        mapping: mappingRef.meta({ description: 'name@version to try' }),
        against: mappingRef.optional().meta({ description: 'The version before it where absent' }),
        dryRun: z.boolean().default(false),
      }),
      answers: {
        200: { description: 'Done', schema: z.union([rehearsal, released]) },
        202: { description: 'Under way', schema: started.extend({ runId: z.string() }) },
        404: { description: 'There is no such source' },
        422: { description: 'There is no such mapping' },
        503: { description: 'Temporal does not answer' },
      },
    },
    async ({ body }) => {
      const source = await find(store, body.source);
      const after = await versionOf(store, body.mapping);
      if (!body.dryRun) return release(store, runs, source.name, after);
      const before = await versionOf(store, body.against ?? versionBefore(after));
      const runId = randomBytes(12).toString('base64url');
      const options = rehearsalOptions({ tenant: store.tenant, source: source.name, runId, before, after });
      const workflowId = await runs.start(REHEARSE_MAPPING_WORKFLOW, options);
      const done = await untilDone<RehearsalProgress>(runs, workflowId, REHEARSAL_PROGRESS_QUERY);
      if (done !== undefined)
        return ok({ runId, status: done.status, ...(await store.rehearsals.sum(runId)) });
      return underWay(workflowId, `/v1/replays/${source.name}/${runId}`, runId);
    },
  );
}

async function release(
  store: TenantStore,
  runs: Pick<Runs, 'start' | 'ask'>,
  source: string,
  mapping: string,
): Promise<Answer> {
  const runId = randomBytes(12).toString('base64url');
  await store.releases.putRequest({
    runId,
    requestedAt: new Date().toISOString(),
    filter: { source },
    mapping,
    cameWith: nameOf(mapping),
  });
  const options = releaseOptions({ tenant: store.tenant, runId });
  const workflowId = await runs.start(RELEASE_QUARANTINE_WORKFLOW, options);
  const done = await untilDone<ReleaseProgress>(runs, workflowId, RELEASE_PROGRESS_QUERY);
  if (done !== undefined) return ok({ runId, ...done });
  return underWay(workflowId, `/v1/quarantine/releases/${runId}`, runId);
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
      summary: 'How far a dry run is, and what it found so far',
      params: z.strictObject({ source: name, runId: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/) }),
      answers: {
        200: { description: 'What was found', schema: rehearsal },
        404: { description: 'There is no such dry run' },
        503: { description: 'Temporal does not answer' },
      },
    },
    async ({ params }) => {
      const { source, runId } = params;
      const workflowId = rehearsalWorkflowId(store.tenant, source, runId);
      const found = await runs.ask<RehearsalProgress>(workflowId, REHEARSAL_PROGRESS_QUERY);
      if (found === undefined)
        throw new ProblemError(404, 'no-such-replay', 'There is no dry run of this id.');
      return ok({ runId, status: found.status, ...(await store.rehearsals.sum(runId)) });
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
