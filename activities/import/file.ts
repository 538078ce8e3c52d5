import { createHash } from 'node:crypto';
import { sameStamp } from '../../domain/ingestion/imports.ts';
import { fileChanged, type Files } from '../../storage/files/types.ts';
import { contentOf, type ContentRef } from './content.ts';
import type { ImportPlan } from './types.ts';

/** Characters of the digest that are kept: 132 bits. */
const DIGEST_CHARS = 22;

/** What was found out about a file's content by reading it once. */
export interface ContentDigest {
  readonly digest: string;
  readonly isUtf8: boolean;
  readonly bytes: number;
}

/** Reads a whole file's content once: its digest, and whether it is valid UTF-8. `beat` is called now and then. */
export async function digestOf(files: Files, ref: ContentRef, beat: () => void): Promise<ContentDigest> {
  const hash = createHash('sha256');
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let isUtf8 = true;
  let bytes = 0;
  const check = (piece?: Uint8Array): void => {
    try {
      if (isUtf8) decoder.decode(piece, { stream: piece !== undefined });
    } catch {
      isUtf8 = false;
    }
  };
  for await (const piece of contentOf(files, ref)) {
    hash.update(piece);
    check(piece);
    bytes += piece.length;
    beat();
  }
  check();
  return { digest: hash.digest('base64url').slice(0, DIGEST_CHARS), isUtf8, bytes };
}

/** The file's stamp and compression as the import began with them. */
export function refOf(path: string, plan: ImportPlan): ContentRef {
  const stamp = {
    bytes: plan.fileBytes ?? plan.bytesTotal,
    modifiedMs: plan.modifiedMs,
    ...(plan.etag === undefined ? {} : { etag: plan.etag }),
  };
  return { path, stamp, compression: plan.compression };
}

/** Throws where the file is not the one that the import began with. */
export async function assertUnchanged(files: Files, { path, stamp }: ContentRef): Promise<void> {
  if (!sameStamp(await files.stamp(path), stamp)) throw fileChanged();
}
