import { z } from 'zod';
import type { ImportManifest, ImportRequest } from '../../../domain/ingestion/imports.ts';
import type { TenantStore } from '../../../storage/tenant.types.ts';
import { importWorkflowId } from '../../../workflows/contract/import-file.ts';
import type { Runs } from '../runs.ts';
import { defined } from './profiles.ts';
import { ok, route } from './route.ts';
import type { ApiRoute } from './route.ts';
import { instant, name, pageOf, pageQuery } from './schemas.ts';

/** So many pages are read for one answer where a filter leaves out much: the caller goes on by the cursor. */
const PAGES_MAX = 20;

/** Why an import failed whose run was ended from outside and could say nothing itself. */
export const STOPPED = 'the import was stopped';

const listed = z.object({
  importId: z.string(),
  workflowId: z.string(),
  source: z.string(),
  status: z.enum(['running', 'done', 'failed']),
  path: z.string(),
  format: z.string(),
  mapping: z.string(),
  dryRun: z.boolean(),
  requestedAt: instant,
  folderId: z.string().optional(),
  rows: z.number().optional(),
  stored: z.number().optional(),
  duplicates: z.number().optional(),
  quarantined: z.number().optional(),
  error: z.string().optional(),
});

/** What is told of a run without a manifest. */
const RUNNING = { status: 'running' } as const;
const ENDED = { status: 'failed', error: STOPPED } as const;

/** An import as its manifest tells it; without one it runs, unless somebody terminated its run. */
async function present(
  { tenant, imports }: TenantStore,
  runs: Runs,
  request: ImportRequest,
  known: ImportManifest | undefined,
) {
  const { importId, source, path, format, mapping, dryRun, requestedAt, folderId } = request;
  const workflowId = importWorkflowId(tenant, source, importId);
  // The list is the store's, and is there while Temporal is away.
  const isOver = known === undefined && (await runs.isOver(workflowId).catch(() => false));
  // The run may have left its manifest since.
  const manifest = isOver ? await imports.manifest(importId) : known;
  const done =
    manifest === undefined
      ? isOver
        ? ENDED
        : RUNNING
      : {
          status: manifest.status === 'done' ? ('done' as const) : ('failed' as const),
          rows: manifest.rows,
          stored: manifest.stored,
          duplicates: manifest.duplicates,
          quarantined: manifest.quarantined,
          ...(manifest.error === undefined ? {} : { error: manifest.error }),
        };
  return {
    ...{ importId, source, path, format, mapping, dryRun, requestedAt, ...done },
    ...(folderId === undefined ? {} : { folderId }),
    workflowId,
  };
}

/** The list of imports. */
export function listImportsRoute(store: TenantStore, runs: Runs): ApiRoute {
  return route(
    {
      method: 'GET',
      path: '/v1/imports',
      tag: 'Imports',
      summary: 'Imports of files, newest first',
      query: z.strictObject({
        ...pageQuery,
        source: name.optional(),
        status: z.enum(['running', 'done', 'failed']).optional(),
        folderId: z.string().max(64).optional().meta({ description: 'Those of one import of a folder' }),
      }),
      answers: { 200: { description: 'A page of imports', schema: pageOf(listed) } },
    },
    async ({ query }) => {
      const { source, status, folderId, limit } = query;
      const items: Awaited<ReturnType<typeof present>>[] = [];
      let cursor: string | null = query.cursor ?? null;
      for (let page = 0; page < PAGES_MAX && items.length < limit; page += 1) {
        const left = limit - items.length;
        const found = await store.imports.list(defined({ limit: left, cursor: cursor ?? undefined }));
        const wanted = found.items.filter(
          (one) =>
            (source === undefined || one.source === source) &&
            (folderId === undefined || one.folderId === folderId),
        );
        const manifests = await store.imports.manifests(wanted.map(({ importId }) => importId));
        const shown = await Promise.all(wanted.map((one, at) => present(store, runs, one, manifests[at])));
        items.push(...shown.filter((one) => status === undefined || one.status === status));
        ({ cursor } = found);
        if (cursor === null) break;
      }
      return ok({ items, cursor });
    },
  );
}
