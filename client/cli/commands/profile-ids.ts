import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { SingleBar } from 'cli-progress';
import type { Command } from 'commander';
import type { Api } from '../api.ts';
import { itemsOf, leaf, type Context } from '../context.ts';
import { CliFailure, Misuse } from '../failure.ts';

const STDOUT = '-';
/** What a page may hold at most. */
const PAGE_ITEMS = 1_000;
/** Personal data: for its owner alone. */
const FILE_MODE = 0o600;

interface Options {
  readonly json?: boolean;
  readonly type: string;
  readonly out: string;
}

/** A field of a CSV line, quoted where RFC 4180 asks for it. */
function csvField(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** The file, a page at a time. `onProgress` is told how many values there were so far. */
async function* csvOf(api: Api, type: string, onProgress: (count: number) => void): AsyncGenerator<string> {
  yield 'value,profileId\n';
  let cursor: string | undefined;
  let count = 0;
  do {
    const page = await api.get('/v1/profiles/ids', { type, limit: PAGE_ITEMS, cursor });
    const items = itemsOf(page);
    count += items.length;
    onProgress(count);
    const rows = items.map(
      ({ value, profileId }) => `${csvField(String(value))},${csvField(String(profileId))}\n`,
    );
    if (rows.length > 0) yield rows.join('');
    cursor = typeof page['cursor'] === 'string' ? page['cursor'] : undefined;
  } while (cursor !== undefined);
}

/** Writes beside the file and takes its place at the end, so that a file that is there is complete. */
async function toFile(path: string, csv: AsyncIterable<string>): Promise<void> {
  const partial = `${path}.partial`;
  try {
    await pipeline(csv, createWriteStream(partial, { mode: FILE_MODE }));
    await rename(partial, path);
  } catch (error) {
    await rm(partial, { force: true });
    if (error instanceof CliFailure) throw error;
    throw new CliFailure(`${path} can't be written.`, 'Name a file in a folder that you may write to.');
  }
}

/** `tessera profile ids`: who is who, for programs outside. */
export function registerIds(noun: Command, context: Context): void {
  leaf(noun, 'ids', 'every value of an identifier type with its profile, as CSV: value,profileId')
    .requiredOption('--type <type>', 'the type of identifiers, such as crmId')
    .requiredOption('--out <file>', 'the file to write; - for standard output')
    .action(async ({ type, out, json }: Options) => {
      if (out === STDOUT && json === true) {
        throw new Misuse('--json and --out - both want standard output; name a file, or leave out --json.');
      }
      const bar = context.notes.isTTY
        ? new SingleBar({ format: '  {value} values | {duration_formatted}', stream: context.notes })
        : undefined;
      let count = 0;
      const csv = csvOf(await context.api(), type, (values) => {
        count = values;
        bar?.update(values);
      });
      bar?.start(0, 0);
      try {
        if (out === STDOUT) await pipeline(csv, context.out, { end: false });
        else await toFile(resolve(out), csv);
      } finally {
        bar?.stop();
      }
      if (out === STDOUT) return;
      if (json === true) context.terminal.json({ type, values: count, file: resolve(out) });
      else context.terminal.line(`${count} values of ${type} are in ${resolve(out)}.`);
    });
}
