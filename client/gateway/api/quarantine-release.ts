import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import {
  RELEASE_PROGRESS_QUERY,
  RELEASE_QUARANTINE_WORKFLOW,
  releaseWorkflowId,
  type ReleaseProgress,
} from '../../../workflows/contract/release-quarantine.ts';
import { releaseOptions } from '../../../workflows/contract/start.ts';
import { ProblemError } from '../problem.ts';
import { defined } from './profiles.ts';
import { checkMapping, releaseMapping, whichEntries, type QuarantineDeps } from './quarantine-shared.ts';
import { ok, route } from './route.ts';
import type { ApiRoute } from './route.ts';
import { started } from './schemas.ts';
import { untilDone } from './until-done.ts';

const TAG = 'Quarantine';

const progress = z.object({
  runId: z.string(),
  status: z.enum(['releasing', 'draining', 'done']),
  released: z.number().meta({ description: 'Entries sent through the normal way again' }),
  gone: z.number().meta({ description: 'Entries whose original is gone' }),
  tooDeep: z
    .number()
    .meta({ description: 'Entries that stay held, for they are nested too deeply to be sent' }),
  heldAgain: z
    .number()
    .meta({ description: 'Released items that are in quarantine again; known at the end' }),
});

/** Release of many entries: a run of its own, with progress. */
export function releaseManyRoutes(deps: QuarantineDeps): ApiRoute[] {
  return [startRoute(deps), progressRoute(deps)];
}

function startRoute({ store, runs }: QuarantineDeps): ApiRoute {
  return route(
    {
      method: 'POST',
      path: '/v1/quarantine/release',
      tag: TAG,
      summary:
        'Release all held entries of a source, reason or time, as they are, patched, or under another mapping',
      body: z
        .strictObject({
          ...whichEntries,
          mapping: releaseMapping,
          patch: z
            .record(z.string(), z.json())
            .optional()
            .meta({ description: 'JSON Merge Patch (RFC 7396) for the body of each item' }),
        })
        .refine(
          ({ source, code, from, to }) => [source, code, from, to].some((given) => given !== undefined),
          'name a source, a code, from or to',
        ),
      answers: {
        200: { description: 'Done', schema: progress },
        202: { description: 'Still releasing', schema: started.extend({ runId: z.string() }) },
        422: { description: 'There is no such mapping' },
        503: { description: 'Temporal does not answer' },
      },
    },
    async ({ body }) => {
      const { mapping, patch, ...filter } = body;
      await checkMapping(store, mapping);
      const runId = randomBytes(12).toString('base64url');
      await store.releases.putRequest({
        runId,
        requestedAt: new Date().toISOString(),
        filter: defined(filter),
        ...(mapping === undefined ? {} : { mapping }),
        ...(patch === undefined ? {} : { patch: patch }),
      });
      const workflowId = await runs.start(
        RELEASE_QUARANTINE_WORKFLOW,
        releaseOptions({ tenant: store.tenant, runId }),
      );
      const done = await untilDone<ReleaseProgress>(runs, workflowId, RELEASE_PROGRESS_QUERY);
      if (done !== undefined) return ok({ runId, ...done });
      const statusUrl = `/v1/quarantine/releases/${runId}`;
      return { status: 202, body: { workflowId, statusUrl, runId }, headers: { location: statusUrl } };
    },
  );
}

function progressRoute({ store, runs }: QuarantineDeps): ApiRoute {
  return route(
    {
      method: 'GET',
      path: '/v1/quarantine/releases/{runId}',
      tag: TAG,
      summary: 'How far a release of many is',
      params: z.strictObject({ runId: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/) }),
      answers: {
        200: { description: 'Progress', schema: progress },
        404: { description: 'There is no such release' },
        503: { description: 'Temporal does not answer' },
      },
    },
    async ({ params }) => {
      const { runId } = params;
      const found = await runs.ask<ReleaseProgress>(
        releaseWorkflowId(store.tenant, runId),
        RELEASE_PROGRESS_QUERY,
      );
      if (found === undefined)
        throw new ProblemError(404, 'no-such-release', 'There is no release of this id.');
      return ok({ runId, ...found });
    },
  );
}
