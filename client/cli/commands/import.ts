import { access, stat } from 'node:fs/promises';
import { SingleBar } from 'cli-progress';
import { Option, type Command } from 'commander';
import { formatOfName, isObjectLocation } from '../../../domain/ingestion/imports.ts';
import type { Answer, Api } from '../api.ts';
import { leaf, listOf, type Context } from '../context.ts';
import { ApiFailure, CliFailure, Misuse } from '../failure.ts';
import { placeOf } from '../place.ts';
import { patientGet } from '../progress.ts';
import { cell, jsonText } from '../text.ts';
import { importFolder, showStarted } from './import-folder.ts';

/** What `tessera import` is given. */
export interface ImportOptions {
  readonly json?: boolean;
  readonly source: string;
  readonly mapping?: string;
  readonly format?: string;
  readonly encoding?: string;
  readonly delimiter?: string;
  readonly dryRun?: boolean;
  readonly detach?: boolean;
  readonly pattern?: string;
}

const POLL_MS = 250;
const ERRORS_SHOWN = 20;

/** Whether a file or a folder is meant. Throws where there is nothing on this machine. */
async function kindOf(place: string): Promise<'file' | 'folder'> {
  if (isObjectLocation(place)) return /^s3:\/\/[^/]+\/?$|\/$/.test(place) ? 'folder' : 'file';
  try {
    await access(place);
    return (await stat(place)).isDirectory() ? 'folder' : 'file';
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw new CliFailure(
      missing ? `There is no file ${place}.` : `The file ${place} can't be read.`,
      'Name a CSV, NDJSON or Parquet file on this machine, a folder of them, or s3://bucket/key.',
    );
  }
}

function statusPath(started: Answer): string {
  const { statusUrl, importId } = started;
  if (typeof statusUrl === 'string') return new URL(statusUrl, 'http://platform').pathname;
  return `/v1/imports/${encodeURIComponent(String(importId))}`;
}

function createBar(context: Context): SingleBar {
  return new SingleBar({
    format: '  importing [{bar}] {percentage}% | {rows} rows | {duration_formatted}',
    stream: context.notes,
    clearOnComplete: true,
    noTTYOutput: false,
    barsize: 30,
  });
}

/** Rows that could not go on, and of a dry run the events that the first rows come to. */
async function rowsOf(api: Api, path: string): Promise<Record<string, unknown>> {
  try {
    const { errors, samples } = await api.get(`${path}/manifest`);
    return { errors: listOf(errors), ...(samples !== undefined && { samples: listOf(samples) }) };
  } catch (error) {
    // An import that failed early has no manifest.
    if (error instanceof ApiFailure) return { errors: [] };
    throw error;
  }
}

async function untilDone(api: Api, path: string, context: Context): Promise<Answer> {
  const bar = context.notes.isTTY ? createBar(context) : undefined;
  bar?.start(1, 0, { rows: 0 });
  try {
    for (;;) {
      const progress = await patientGet(api, path);
      const total = Number(progress['bytesTotal'] ?? 0);
      if (total > 0) bar?.setTotal(total);
      bar?.update(Number(progress['bytes'] ?? 0), { rows: progress['rows'] ?? 0 });
      if (progress['status'] === 'done' || progress['status'] === 'failed') {
        return { ...progress, ...(await rowsOf(api, path)) };
      }
      await new Promise((again) => setTimeout(again, POLL_MS));
    }
  } finally {
    bar?.stop();
  }
}

function show(context: Context, progress: Answer, options: ImportOptions): void {
  const { terminal } = context;
  if (options.json === true) {
    terminal.json(progress);
    return;
  }
  if (progress['status'] === 'failed') {
    terminal.line(`The import failed: ${cell(progress['error'] ?? 'no reason was given')}`);
  }
  terminal.facts([
    ...(options.dryRun === true ? [['dry run', 'nothing was stored'] as const] : []),
    ['rows', progress['rows']],
    [options.dryRun === true ? 'would be stored' : 'stored', progress['stored']],
    ['duplicates', progress['duplicates']],
    ['quarantined', progress['quarantined']],
  ]);
  for (const { row, events } of listOf(progress['samples']).filter(
    (one) => listOf(one['events']).length > 0,
  )) {
    terminal.line(`Row ${cell(row)} becomes:`);
    terminal.line(jsonText(events));
  }
  const rows = listOf(progress['errors']).slice(0, ERRORS_SHOWN);
  if (rows.length > 0) {
    terminal.table(
      ['row', 'reason', 'detail'],
      rows.map((row) => [row['row'], row['code'], row['detail']]),
      '',
    );
  }
  if (Number(progress['quarantined'] ?? 0) > 0 && options.dryRun !== true) {
    terminal.line(`See why: npx tessera quarantine list --source ${options.source}`);
  }
}

/** `tessera import FILE`: a file's rows as a source's items, or all files of a folder, waited for until they show in profiles. */
export function registerImport(program: Command, context: Context): void {
  leaf(
    program,
    'import <place>',
    'import a CSV, NDJSON or Parquet file, or a folder of them; the same file again changes nothing',
  )
    .requiredOption('--source <name>', 'the source that the rows belong to')
    .option('--mapping <name>', "how a row becomes an event (default: the source's own)")
    .addOption(
      new Option('--format <format>', 'default: by the name of the file').choices([
        'csv',
        'ndjson',
        'parquet',
      ]),
    )
    .addOption(new Option('--encoding <encoding>', 'default: detected').choices(['utf8', 'latin1']))
    .option('--delimiter <character>', 'of a CSV file (default: detected)')
    .option('--pattern <pattern>', 'of a folder: names of files to take, such as *.csv.gz')
    .option('--dry-run', 'read and map everything, store nothing')
    .option('--detach', "don't wait until it is done")
    .action(async (given: string, options: ImportOptions) => {
      const place = placeOf(given);
      const { source, mapping, format, encoding, delimiter, pattern } = options;
      const kind = await kindOf(place);
      if (kind === 'file' && pattern !== undefined)
        throw new Misuse('--pattern is for folders; a file is named by itself.');
      const asked = { source, mapping, format, encoding, delimiter, dryRun: options.dryRun === true };
      if (kind === 'folder') {
        await importFolder(context, { ...asked, folder: place, pattern }, options);
        return;
      }
      await importFile(
        context,
        { ...asked, path: place, format: format ?? formatOfName(place) ?? 'csv' },
        options,
      );
    });
}

async function importFile(context: Context, body: object, options: ImportOptions): Promise<void> {
  const api = await context.api();
  const started = await api.post('/v1/imports', body);
  if (options.detach === true) {
    showStarted(context, started, options);
    return;
  }
  const progress = await untilDone(api, statusPath(started), context);
  show(context, progress, options);
  if (progress['status'] === 'failed') context.fail();
}
