import { Option, type Command } from 'commander';
import { itemsOf, leaf, listOf, objectOf, type Context } from '../context.ts';
import { filesOf, showFolder } from './import-folder.ts';

interface ListOptions {
  readonly json?: boolean;
  readonly source?: string;
  readonly status?: string;
  readonly folders?: boolean;
  readonly cursor?: string;
}

const FILE_COLUMNS = [
  'importId',
  'source',
  'status',
  'requestedAt',
  'rows',
  'stored',
  'duplicates',
  'quarantined',
  'path',
];
const FOLDER_COLUMNS = [
  'folderId',
  'source',
  'status',
  'requestedAt',
  'files',
  'rows',
  'stored',
  'quarantined',
  'folder',
];

function registerList(noun: Command, context: Context): void {
  leaf(noun, 'list', 'imports of files, newest first')
    .option('--source <name>', 'those of one source')
    .addOption(new Option('--status <status>', 'those that are so').choices(['running', 'done', 'failed']))
    .option('--folders', 'imports of folders instead, those that schedules started among them')
    .option('--cursor <cursor>', 'go on where the page before ended')
    .action(async ({ json, source, status, folders, cursor }: ListOptions) => {
      const api = await context.api();
      const answer =
        folders === true
          ? await api.get('/v1/folder-imports', { cursor })
          : await api.get('/v1/imports', { source, status, cursor });
      if (json === true) {
        context.terminal.json(answer);
        return;
      }
      const columns = folders === true ? FOLDER_COLUMNS : FILE_COLUMNS;
      context.terminal.table(
        columns,
        itemsOf(answer).map((one) => columns.map((name) => one[name])),
        'There are no imports.',
      );
      if (typeof answer['cursor'] === 'string') context.terminal.line(`More: --cursor ${answer['cursor']}`);
    });
}

/** `tessera imports ...`: what imports did. */
export function registerImports(program: Command, context: Context): void {
  const noun = program.command('imports').description('what imports did, file by file');
  registerList(noun, context);
  leaf(noun, 'manifest <importId>', 'what one import did, and why rows could not go on').action(
    async (importId: string, options: { json?: boolean }) => {
      const { terminal } = context;
      const api = await context.api();
      const manifest = await api.get(`/v1/imports/${encodeURIComponent(importId)}/manifest`);
      if (options.json === true) {
        terminal.json(manifest);
        return;
      }
      const facts = [
        'path',
        'format',
        'source',
        'mapping',
        'status',
        'error',
        'rows',
        'stored',
        'duplicates',
        'quarantined',
      ];
      terminal.facts(
        facts.filter((name) => manifest[name] !== undefined).map((name) => [name, manifest[name]]),
      );
      const reasons = Object.entries(objectOf(manifest['reasons']));
      if (reasons.length > 0) terminal.table(['reason', 'rows'], reasons, '');
      const errors = listOf(manifest['errors']);
      if (errors.length > 0)
        terminal.table(
          ['row', 'reason', 'detail'],
          errors.map((row) => [row['row'], row['code'], row['detail']]),
          '',
        );
    },
  );
  leaf(noun, 'folder <folderId>', 'what an import of a folder did with each file').action(
    async (folderId: string, options: { json?: boolean }) => {
      const api = await context.api();
      const path = `/v1/folder-imports/${encodeURIComponent(folderId)}`;
      const [progress, files] = [await api.get(path), await filesOf(api, path)];
      if (options.json === true) context.terminal.json({ ...progress, items: files });
      else showFolder(context, progress, files);
    },
  );
}
