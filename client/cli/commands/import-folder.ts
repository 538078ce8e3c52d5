import { SingleBar } from 'cli-progress';
import type { Answer, Api } from '../api.ts';
import { itemsOf, objectOf, type Context } from '../context.ts';
import { statusPathOf, untilOver } from '../progress.ts';
import { cell, printable } from '../text.ts';
import { wholeList } from '../whole-list.ts';

interface FolderOptions {
  readonly json?: boolean;
  readonly source: string;
  readonly dryRun?: boolean;
  readonly detach?: boolean;
}

const FILES_SHOWN = 50;

/** Says which run was started, to whoever does not wait for it. */
export function showStarted(context: Context, started: Answer, options: { readonly json?: boolean }): void {
  if (options.json === true) context.terminal.json(started);
  else context.terminal.line(`Started ${printable(String(started['workflowId'] ?? started['importId']))}.`);
}

/** All files of an import of a folder, page by page. */
export async function filesOf(api: Api, path: string): Promise<Record<string, unknown>[]> {
  return itemsOf(await wholeList(api, `${path}/files`));
}

function doneFiles(progress: Answer): number {
  return Object.values(objectOf(progress['outcomes'])).reduce<number>((sum, count) => sum + Number(count), 0);
}

async function untilDone(api: Api, path: string, context: Context): Promise<Answer> {
  const bar = context.notes.isTTY
    ? new SingleBar({
        format: '  importing [{bar}] {value} of {total} files | {rows} rows | {duration_formatted}',
        stream: context.notes,
        clearOnComplete: true,
        noTTYOutput: false,
        barsize: 30,
      })
    : undefined;
  bar?.start(1, 0, { rows: 0 });
  try {
    return await untilOver(
      api,
      path,
      ({ status }) => status === 'done' || status === 'failed',
      (progress) => {
        bar?.setTotal(Math.max(1, Number(progress['files'] ?? 0)));
        bar?.update(doneFiles(progress), { rows: progress['rows'] ?? 0 });
      },
    );
  } finally {
    bar?.stop();
  }
}

/** Shows what an import of a folder did: the sums, and the files that were read or could not be. */
export function showFolder(context: Context, progress: Answer, files: Record<string, unknown>[]): void {
  const { terminal } = context;
  if (progress['status'] === 'failed')
    terminal.line(`The import failed: ${cell(progress['error'] ?? 'no reason was given')}`);
  const outcomes = objectOf(progress['outcomes']);
  terminal.facts([
    ['files', progress['files']],
    ['imported', outcomes['imported']],
    ['unchanged', outcomes['unchanged']],
    ['not settled', outcomes['unsettled']],
    ['failed', outcomes['failed']],
    ['rows', progress['rows']],
    ['stored', progress['stored']],
    ['duplicates', progress['duplicates']],
    ['quarantined', progress['quarantined']],
  ]);
  const told = files.filter(({ outcome }) => outcome !== 'unchanged');
  // What failed first: it is what somebody has to do something about.
  const sorted = [
    ...told.filter(({ outcome }) => outcome === 'failed'),
    ...told.filter(({ outcome }) => outcome !== 'failed'),
  ];
  if (sorted.length > 0)
    terminal.table(
      ['file', 'outcome', 'rows', 'stored', 'duplicates', 'quarantined', 'why'],
      sorted
        .slice(0, FILES_SHOWN)
        .map((file) =>
          ['path', 'outcome', 'rows', 'stored', 'duplicates', 'quarantined', 'error'].map(
            (name) => file[name],
          ),
        ),
      '',
    );
}

/** Imports all files of a folder or prefix. Fails where one of them can't be imported; the others are. */
export async function importFolder(context: Context, body: object, options: FolderOptions): Promise<void> {
  const api = await context.api();
  const started = await api.post('/v1/folder-imports', body);
  if (options.detach === true) {
    showStarted(context, started, options);
    return;
  }
  const path =
    statusPathOf(started) ?? `/v1/folder-imports/${encodeURIComponent(String(started['folderId']))}`;
  const progress = await untilDone(api, path, context);
  const files = await filesOf(api, path);
  if (options.json === true) context.terminal.json({ ...progress, items: files });
  else {
    if (options.dryRun === true) context.terminal.line('A dry run: nothing was stored.');
    showFolder(context, progress, files);
  }
  if (progress['status'] === 'failed' || Number(objectOf(progress['outcomes'])['failed'] ?? 0) > 0)
    context.fail();
}
