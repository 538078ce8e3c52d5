import { randomBytes } from 'node:crypto';
import { isAbsolute } from 'node:path';
import { z } from 'zod';
import type { ImportRequest } from '../../../domain/ingestion/imports.ts';
import type { TenantStore } from '../../../storage/tenant.types.ts';
import { importWorkflowId } from '../../../workflows/contract/import-file.ts';
import { omit } from '../omit.ts';
import { ProblemError } from '../problem.ts';
import type { Runs } from '../runs.ts';
import { ok, route } from './route.ts';
import type { ApiRoute } from './route.ts';
import { instant, mappingRef, name, started } from './schemas.ts';
import { find } from './source-view.ts';

const TAG = 'Imports';
const params = z.strictObject({ importId: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/) });
const NOT_FOUND = { description: 'There is no such import' };
const PATH_CHARS_MAX = 4_096;

const request = z.strictObject({
  path: z
    .string()
    .min(1)
    .max(PATH_CHARS_MAX)
    .refine(
      (path) => isAbsolute(path) && !path.includes('\0'),
      "must be an absolute path on the worker's machine",
    ),
  source: name,
  mapping: mappingRef.optional().meta({ description: "The source's own where absent" }),
  format: z.enum(['csv', 'ndjson']).optional().meta({ description: "By the file's ending where absent" }),
  encoding: z.enum(['utf8', 'latin1']).optional(),
  delimiter: z.string().length(1).optional(),
  dryRun: z.boolean().default(false),
});

const progress = z.looseObject({
  importId: z.string(),
  source: z.string(),
  status: z.enum(['reading', 'draining', 'done', 'failed']),
  bytes: z.number(),
  bytesTotal: z.number(),
  rows: z.number(),
  stored: z.number(),
  duplicates: z.number(),
  quarantined: z.number(),
  error: z.string().optional(),
});

const manifest = progress.extend({
  mapping: z.string(),
  dryRun: z.boolean(),
  requestedAt: instant,
  errors: z.array(z.object({ row: z.number(), code: z.string(), detail: z.string() })),
});

/** Files: started here, read by a worker. */
export function importRoutes(store: TenantStore, runs: Runs): ApiRoute[] {
  return [startRoute(store, runs), statusRoute(store, runs), manifestRoute(store)];
}

function startRoute(store: TenantStore, runs: Runs): ApiRoute {
  return route(
    {
      method: 'POST',
      path: '/v1/imports',
      tag: TAG,
      summary: 'Import a CSV or NDJSON file; importing the same file again changes nothing',
      body: request,
      answers: {
        202: { description: 'Started', schema: started.extend({ importId: z.string() }) },
        404: { description: 'There is no such source' },
        422: { description: 'There is no such mapping' },
        503: { description: 'Temporal does not answer' },
      },
    },
    async ({ body }) => {
      const source = await find(store, body.source);
      const mapping = body.mapping ?? source.mapping;
      if ((await store.registry.mapping(mapping)) === undefined) {
        throw new ProblemError(422, 'no-such-mapping', 'There is no such mapping; see /v1/mappings.');
      }
      const importId = randomBytes(12).toString('base64url');
      const asked: ImportRequest = {
        importId,
        source: source.name,
        mapping,
        path: body.path,
        format: body.format ?? (/\.(?:ndjson|jsonl)$/i.test(body.path) ? 'ndjson' : 'csv'),
        ...(body.encoding === undefined ? {} : { encoding: body.encoding }),
        ...(body.delimiter === undefined ? {} : { delimiter: body.delimiter }),
        dryRun: body.dryRun,
        requestedAt: new Date().toISOString(),
      };
      await store.imports.putRequest(asked);
      const workflowId = await runs.startImport(asked);
      const statusUrl = `/v1/imports/${importId}`;
      return { status: 202, body: { workflowId, statusUrl, importId }, headers: { location: statusUrl } };
    },
  );
}

function statusRoute(store: TenantStore, runs: Runs): ApiRoute {
  return route(
    {
      method: 'GET',
      path: '/v1/imports/{importId}',
      tag: TAG,
      summary: 'How far an import is',
      params,
      answers: { 200: { description: 'Progress', schema: progress }, 404: NOT_FOUND },
    },
    async (input) => {
      const { importId } = input.params;
      const asked = await store.imports.request(importId);
      if (asked === undefined) throw notFound();
      // The manifest is final, and outlives the run and Temporal's database.
      const final = await store.imports.manifest(importId);
      if (final !== undefined && (final.status === 'done' || final.status === 'failed')) {
        return ok({
          ...omit(final, 'errors', 'fileDigest'),
          workflowId: importWorkflowId(store.tenant, asked.source, importId),
        });
      }
      const now = await runs.importProgress(asked);
      if (now === undefined) throw notFound();
      return ok({ ...now, workflowId: importWorkflowId(store.tenant, asked.source, importId) });
    },
  );
}

function manifestRoute(store: TenantStore): ApiRoute {
  return route(
    {
      method: 'GET',
      path: '/v1/imports/{importId}/manifest',
      tag: TAG,
      summary: 'What an import did, with the first of the rows that could not go on',
      params,
      answers: { 200: { description: 'The manifest', schema: manifest }, 404: NOT_FOUND },
    },
    async (input) => {
      const found = await store.imports.manifest(input.params.importId);
      if (found === undefined) {
        throw new ProblemError(404, 'no-manifest', 'There is no manifest of this import, or not yet.');
      }
      return ok(found);
    },
  );
}

function notFound(): ProblemError {
  return new ProblemError(404, 'no-such-import', 'There is no import of this id.');
}
