import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import {
  formatOfName,
  isObjectLocation,
  type ImportProgress,
  type ImportRequest,
} from '../../../domain/ingestion/imports.ts';
import type { SourceConfig } from '../../../storage/registry/types.ts';
import type { TenantStore } from '../../../storage/tenant.types.ts';
import { importWorkflowId } from '../../../workflows/contract/import-file.ts';
import { omit } from '../omit.ts';
import { ProblemError } from '../problem.ts';
import type { Runs } from '../runs.ts';
import { location, reading } from './import-schemas.ts';
import { listImportsRoute, STOPPED } from './imports-list.ts';
import { ok, route } from './route.ts';
import type { ApiRoute } from './route.ts';
import { instant, started } from './schemas.ts';
import { find } from './source-view.ts';

const TAG = 'Imports';
const params = z.strictObject({ importId: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/) });
const NOT_FOUND = { description: 'There is no such import' };

const request = z.strictObject({ path: location, ...reading });

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
  path: z.string().optional(),
  format: z.string().optional(),
  reasons: z
    .record(z.string(), z.number())
    .optional()
    .meta({ description: 'Rows that could not go on, by the code of their reason: all of them' }),
  errors: z.array(z.object({ row: z.number(), code: z.string(), detail: z.string() })),
  samples: z
    .array(z.looseObject({ row: z.number(), events: z.array(z.looseObject({})) }))
    .optional()
    .meta({ description: 'Of a dry run, for an hour: the events that the first rows come to' }),
});

/** Files: started here, read by a worker. */
export function importRoutes(store: TenantStore, runs: Runs): ApiRoute[] {
  return [
    startRoute(store, runs),
    listImportsRoute(store, runs),
    statusRoute(store, runs),
    manifestRoute(store),
  ];
}

function startRoute(store: TenantStore, runs: Runs): ApiRoute {
  return route(
    {
      method: 'POST',
      path: '/v1/imports',
      tag: TAG,
      summary: 'Import a CSV, NDJSON or Parquet file; importing the same file again changes nothing',
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
      const mapping = await mappingOf(store, source, body.mapping);
      if (isObjectLocation(body.path) && !/^s3:\/\/[^/]+\/.*[^/]$/s.test(body.path))
        throw new ProblemError(
          422,
          'not-a-file',
          'path: names a prefix; name one object, or import the prefix by POST /v1/folder-imports.',
        );
      const importId = randomBytes(12).toString('base64url');
      const asked: ImportRequest = {
        importId,
        source: source.name,
        mapping,
        path: body.path,
        format: body.format ?? formatOfName(body.path) ?? 'csv',
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

/** The mapping that is asked for, or the source's own; throws 422 where there is no such mapping. */
export async function mappingOf(
  store: TenantStore,
  source: Pick<SourceConfig, 'mapping'>,
  asked: string | undefined,
): Promise<string> {
  const mapping = asked ?? source.mapping;
  if ((await store.registry.mapping(mapping)) !== undefined) return mapping;
  throw new ProblemError(422, 'no-such-mapping', 'There is no such mapping; see /v1/mappings.');
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
      const workflowId = importWorkflowId(store.tenant, asked.source, importId);
      const known = (await finalOf(store, importId)) ?? (await runs.importProgress(asked));
      if (known === undefined) throw notFound();
      if (isFinal(known) || !(await runs.isOver(workflowId))) return ok({ ...known, workflowId });
      // The run may have left its manifest since; one that was terminated leaves none.
      const ended = (await finalOf(store, importId)) ?? { ...known, status: 'failed', error: STOPPED };
      return ok({ ...ended, workflowId });
    },
  );
}

function isFinal({ status }: Pick<ImportProgress, 'status'>): boolean {
  return status === 'done' || status === 'failed';
}

/** How an import ended, by its manifest, which outlives the run and Temporal's database. */
async function finalOf(store: TenantStore, importId: string): Promise<ImportProgress | undefined> {
  const manifest = await store.imports.manifest(importId);
  if (manifest === undefined || !isFinal(manifest)) return undefined;
  return omit(manifest, 'errors', 'fileDigest', 'reasons');
}

function manifestRoute(store: TenantStore): ApiRoute {
  return route(
    {
      method: 'GET',
      path: '/v1/imports/{importId}/manifest',
      tag: TAG,
      summary: 'What an import did, why rows could not go on, and the first of these rows',
      params,
      answers: { 200: { description: 'The manifest', schema: manifest }, 404: NOT_FOUND },
    },
    async (input) => {
      const found = await store.imports.manifest(input.params.importId);
      if (found === undefined) {
        throw new ProblemError(404, 'no-manifest', 'There is no manifest of this import, or not yet.');
      }
      if (!found.dryRun) return ok(found);
      return ok({ ...found, samples: await store.imports.samples(found.importId) });
    },
  );
}

function notFound(): ProblemError {
  return new ProblemError(404, 'no-such-import', 'There is no import of this id.');
}
