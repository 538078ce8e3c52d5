import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { FileStamp } from '../../domain/ingestion/imports.ts';
import { FileProblem, type Files, type FoundFile } from './types.ts';

/** So much is read at a time. */
const READ_BYTES = 1 << 18;

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
}

function unreadable(error: unknown, what: 'file' | 'folder'): FileProblem {
  const code = codeOf(error);
  return new FileProblem(
    'file-unreadable',
    code === 'ENOENT'
      ? `there is no ${what} at the given path on the machine of the worker`
      : `the ${what} can't be read by the worker (${code})`,
  );
}

/** Files on the worker's machine, by absolute path. */
export const localFiles: Omit<Files, 'close'> = {
  async stamp(path) {
    const found = await stat(path).catch((error: unknown) => {
      throw unreadable(error, 'file');
    });
    if (!found.isFile()) throw new FileProblem('file-unreadable', 'the given path is not a file');
    return stampOf(found);
  },

  async *read(path, _stamp, from = 0) {
    try {
      for await (const chunk of createReadStream(path, { start: from, highWaterMark: READ_BYTES }))
        yield chunk as Buffer;
    } catch (error) {
      throw unreadable(error, 'file');
    }
  },

  list: (folder) => walk(folder),
};

async function* walk(folder: string): AsyncGenerator<FoundFile> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    throw unreadable(error, 'folder');
  });
  // The order of code units, whatever the machine's language.
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const location = join(folder, entry.name);
    if (entry.name.startsWith('.')) continue;
    if (entry.isDirectory()) yield* walk(location);
    if (!entry.isFile()) continue;
    // What went between the two looks is simply not there.
    const found = await stat(location).catch(() => undefined);
    if (found === undefined) continue;
    yield { location, stamp: stampOf(found), touchedMs: Math.max(found.mtimeMs, found.ctimeMs) };
  }
}

function stampOf(found: { readonly size: number; readonly mtimeMs: number }): FileStamp {
  return { bytes: found.size, modifiedMs: found.mtimeMs };
}
