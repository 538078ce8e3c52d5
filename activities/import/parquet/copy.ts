import { createWriteStream } from 'node:fs';
import { mkdtemp, rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { isObjectLocation } from '../../../domain/ingestion/imports.ts';
import type { Files } from '../../../storage/files/types.ts';
import { contentOf, type ContentRef } from '../content.ts';
import { importFailure } from '../failures.ts';

/** A copy may take at most this share of what is free where it lies: others need room too. */
const FREE_SHARE = 0.5;

/**
 * Runs a step with the path of a file on this machine: its own, or for an object in S3 that of a copy that lasts as long
 * as the step, since Parquet is read from its end. Throws a clear failure where there is no room for a copy.
 */
export async function* onThisMachine<T>(
  files: Files,
  ref: ContentRef,
  beat: () => void,
  step: (path: string) => AsyncIterable<T>,
): AsyncGenerator<T> {
  if (!isObjectLocation(ref.path)) {
    yield* step(ref.path);
    return;
  }
  const { bavail, bsize } = await statfs(tmpdir());
  if (ref.stamp.bytes > bavail * bsize * FREE_SHARE)
    throw importFailure(
      'NoRoom',
      "the object does not fit in the worker's temporary folder; set TMPDIR to one with twice its size free",
    );
  const folder = await mkdtemp(join(tmpdir(), 'tessera-parquet-'));
  try {
    const path = join(folder, 'copy.parquet');
    const beaten = async function* () {
      for await (const piece of contentOf(files, ref)) {
        beat();
        yield piece;
      }
    };
    await pipeline(beaten, createWriteStream(path, { mode: 0o600 }));
    yield* step(path);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
