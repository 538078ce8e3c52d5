import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { durationMs } from '../../../domain/duration.ts';
import {
  emptyFolderProgress,
  type FolderFile,
  type FolderProgress,
  type FolderRequest,
} from '../../../domain/ingestion/folders.ts';
import { FOLDER_PAGE_FILES } from '../../../storage/imports/folders.types.ts';
import { decodeCursor, encodeCursor } from '../../../storage/page.ts';
import type { TenantStore } from '../../../storage/tenant.types.ts';
import {
  FOLDER_PROGRESS_QUERY,
  folderWorkflowId,
  IMPORT_FOLDER_WORKFLOW,
} from '../../../workflows/contract/import-folder.ts';
import { folderOptions } from '../../../workflows/contract/start.ts';
import { ProblemError } from '../problem.ts';
import type { Runs } from '../runs.ts';
import { location, pattern, reading, settle } from './import-schemas.ts';
import { STOPPED } from './imports-list.ts';
import { mappingOf } from './imports.ts';
import { defined } from './profiles.ts';
import { ok, route } from './route.ts';
import type { ApiRoute } from './route.ts';
import { instant, pageOf, pageQuery, started } from './schemas.ts';
import { find } from './source-view.ts';
import { placeOf } from './whole-list.ts';

const TAG = 'Imports';
const params = z.strictObject({ folderId: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/) });
const NOT_FOUND = { description: 'There is no such import of a folder' };
/** A folder that somebody names is taken as it is. */
const SETTLE_DEFAULT = 'PT0S';

const request = z.strictObject({
  folder: location,
  ...reading,
  pattern: pattern.optional(),
  settle: settle.default(SETTLE_DEFAULT),
});

const counts = { rows: z.number(), stored: z.number(), duplicates: z.number(), quarantined: z.number() };

const progress = z.object({
  folderId: z.string(),
  workflowId: z.string(),
  source: z.string(),
  folder: z.string(),
  mapping: z.string(),
  requestedAt: instant,
  schedule: z.string().optional(),
  status: z.enum(['listing', 'importing', 'done', 'failed']),
  files: z.number(),
  outcomes: z.object({
    imported: z.number(),
    unchanged: z.number(),
    unsettled: z.number(),
    failed: z.number(),
  }),
  ...counts,
  error: z.string().optional(),
});

const file = z.object({
  path: z.string(),
  outcome: z.enum(['imported', 'unchanged', 'unsettled', 'failed']),
  importId: z.string().optional(),
  ...z.object(counts).partial().shape,
  error: z.string().optional(),
});

/** Folders and prefixes: every file in them imported, each with a manifest of its own. */
export function folderImportRoutes(store: TenantStore, runs: Runs): ApiRoute[] {
  return [startRoute(store, runs), listRoute(store, runs), statusRoute(store, runs), filesRoute(store)];
}

function startRoute(store: TenantStore, runs: Runs): ApiRoute {
  return route(
    {
      method: 'POST',
      path: '/v1/folder-imports',
      tag: TAG,
      summary:
        'Import every file of a folder or prefix; files that were imported and have not changed are left out',
      body: request,
      answers: {
        202: { description: 'Started', schema: started.extend({ folderId: z.string() }) },
        404: { description: 'There is no such source' },
        422: { description: 'There is no such mapping, or the duration is none' },
        503: { description: 'Temporal does not answer' },
      },
    },
    async ({ body }) => {
      const { source, mapping: asked, settle: age, dryRun, folder, ...rest } = body;
      const mapping = await mappingOf(store, await find(store, source), asked);
      const settleMs = durationMs(age);
      if (settleMs === undefined)
        throw new ProblemError(
          422,
          'invalid-duration',
          'settle: must be an ISO 8601 duration, such as PT1M.',
        );
      const folderId = randomBytes(12).toString('base64url');
      const requestedAt = new Date().toISOString();
      const kept = { folderId, source, folder, mapping, settleMs, retryMalformed: true, dryRun, requestedAt };
      await store.imports.folders.putRequest({ ...kept, ...defined(rest) });
      const workflowId = await runs.start(
        IMPORT_FOLDER_WORKFLOW,
        folderOptions({ tenant: store.tenant, source, folderId }),
      );
      const statusUrl = `/v1/folder-imports/${folderId}`;
      return { status: 202, body: { workflowId, statusUrl, folderId }, headers: { location: statusUrl } };
    },
  );
}

function workflowOf({ tenant }: TenantStore, asked: FolderRequest): string {
  return asked.workflowId ?? folderWorkflowId(tenant, asked.source, asked.folderId);
}

function present(store: TenantStore, asked: FolderRequest, now: FolderProgress | undefined): object {
  const { folderId, source, folder, mapping, requestedAt, schedule } = asked;
  return {
    ...(now ?? emptyFolderProgress(folderId, source)),
    ...{ folder, mapping, requestedAt },
    ...(schedule === undefined ? {} : { schedule }),
    workflowId: workflowOf(store, asked),
  };
}

function listRoute(store: TenantStore, runs: Runs): ApiRoute {
  return route(
    {
      method: 'GET',
      path: '/v1/folder-imports',
      tag: TAG,
      summary: 'Imports of folders, those that schedules started among them, newest first',
      query: z.strictObject(pageQuery),
      answers: { 200: { description: 'A page of imports of folders', schema: pageOf(progress) } },
    },
    async ({ query }) => {
      const { items, cursor } = await store.imports.folders.list(defined(query));
      const known = await Promise.all(items.map((asked) => endOf(store, runs, asked)));
      return ok({ items: items.map((asked, at) => present(store, asked, known[at])), cursor });
    },
  );
}

/** How an import of a folder ended, as far as is known without asking how far it is; undefined while it runs. */
async function endOf(
  store: TenantStore,
  runs: Runs,
  asked: FolderRequest,
): Promise<FolderProgress | undefined> {
  const { folderId, source } = asked;
  const summary = await store.imports.folders.summary(folderId);
  if (summary !== undefined) return summary;
  // The list is told whether Temporal answers or not.
  const isOver = await runs.isOver(workflowOf(store, asked)).catch(() => false);
  return isOver ? left(store, emptyFolderProgress(folderId, source)) : undefined;
}

/** What a run that is over left: its summary, which it may have written since `last` was known; one that was terminated leaves none. */
async function left(store: TenantStore, last: FolderProgress): Promise<FolderProgress> {
  const summary = await store.imports.folders.summary(last.folderId);
  return summary ?? { ...last, status: 'failed', error: STOPPED };
}

async function requestOf(store: TenantStore, folderId: string): Promise<FolderRequest> {
  const found = await store.imports.folders.request(folderId);
  if (found !== undefined) return found;
  throw new ProblemError(404, 'no-such-folder-import', 'There is no import of a folder of this id.');
}

/** The summary, which is final and outlives the run and Temporal's database, or what the run tells. */
async function progressOf(
  store: TenantStore,
  runs: Runs,
  asked: FolderRequest,
): Promise<FolderProgress | undefined> {
  const workflowId = workflowOf(store, asked);
  const now =
    (await store.imports.folders.summary(asked.folderId)) ??
    (await runs.ask<FolderProgress>(workflowId, FOLDER_PROGRESS_QUERY));
  if (now === undefined || now.status === 'done' || now.status === 'failed') return now;
  return (await runs.isOver(workflowId)) ? left(store, now) : now;
}

function statusRoute(store: TenantStore, runs: Runs): ApiRoute {
  return route(
    {
      method: 'GET',
      path: '/v1/folder-imports/{folderId}',
      tag: TAG,
      summary: 'How far an import of a folder is',
      params,
      answers: { 200: { description: 'Progress', schema: progress }, 404: NOT_FOUND },
    },
    async (input) => {
      const asked = await requestOf(store, input.params.folderId);
      const now = await progressOf(store, runs, asked);
      return ok(present(store, asked, now));
    },
  );
}

function filesRoute(store: TenantStore): ApiRoute {
  return route(
    {
      method: 'GET',
      path: '/v1/folder-imports/{folderId}/files',
      tag: TAG,
      summary: 'What was done with each file, and why; each that was read has a manifest of its own',
      params,
      query: z.strictObject(pageQuery),
      answers: {
        200: { description: 'A page of files', schema: pageOf(file) },
        404: NOT_FOUND,
      },
    },
    async (input) => {
      const { folderId } = await requestOf(store, input.params.folderId);
      const { limit, cursor } = input.query;
      const [told = ''] = cursor === undefined ? [] : decodeCursor(cursor, 1);
      const start = cursor === undefined ? 0 : placeOf(told);
      const files = await filesFrom(store, folderId, { start, count: limit + 1 });
      const more = files.length > limit;
      return ok({
        items: files.slice(0, limit),
        cursor: more ? encodeCursor([String(start + limit)]) : null,
      });
    },
  );
}

/** So many files from one on, of pages that are all full but for the last. */
async function filesFrom(
  store: TenantStore,
  folderId: string,
  { start, count }: { readonly start: number; readonly count: number },
): Promise<FolderFile[]> {
  const skipped = start % FOLDER_PAGE_FILES;
  const files: FolderFile[] = [];
  for (let page = (start - skipped) / FOLDER_PAGE_FILES; files.length < skipped + count; page += 1) {
    const found = (await store.imports.folders.done(folderId, page)) ?? [];
    files.push(...found);
    if (found.length < FOLDER_PAGE_FILES) break;
  }
  return files.slice(skipped, skipped + count);
}
