import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { importFailure } from './failures.ts';

/** Characters of the digest that are kept: 132 bits. */
const DIGEST_CHARS = 22;

/** What tells a file from the same path with other content. */
export interface FileStamp {
  readonly bytes: number;
  readonly modifiedMs: number;
}

/** Throws a clear failure where there is no such file, or none that can be read. */
export async function stampOf(path: string): Promise<FileStamp> {
  const found = await stat(path).catch((error: unknown) => {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    throw importFailure(
      'FileUnreadable',
      code === 'ENOENT'
        ? 'there is no file at the given path on the machine of the worker'
        : `the file can't be read by the worker (${code})`,
    );
  });
  if (!found.isFile()) throw importFailure('FileUnreadable', 'the given path is not a file');
  return { bytes: found.size, modifiedMs: found.mtimeMs };
}

/** Reads a whole file once: its digest, and whether it is valid UTF-8. `beat` is called now and then. */
export async function digestOf(path: string, beat: () => void): Promise<{ digest: string; isUtf8: boolean }> {
  const hash = createHash('sha256');
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let isUtf8 = true;
  const check = (bytes?: Uint8Array): void => {
    try {
      if (isUtf8) decoder.decode(bytes, { stream: bytes !== undefined });
    } catch {
      isUtf8 = false;
    }
  };
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
      const bytes = chunk as Buffer;
      hash.update(bytes);
      check(bytes);
      beat();
    }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    throw importFailure('FileUnreadable', `the file can't be read by the worker (${code})`);
  }
  check();
  return { digest: hash.digest('base64url').slice(0, DIGEST_CHARS), isUtf8 };
}

/** Throws where the file is not the one that the import began with. */
export async function assertUnchanged(path: string, since: FileStamp): Promise<void> {
  const now = await stampOf(path);
  if (now.bytes !== since.bytes || now.modifiedMs !== since.modifiedMs) throw changed();
}

/** The failure of a file that changed under its reader. */
export function changed(): Error {
  return importFailure(
    'FileChanged',
    'the file changed while it was read; import it again once nobody writes to it. Rows taken in so far stay, and ' +
      'those that are in both versions are recognised only where they carry message ids of their own',
  );
}
