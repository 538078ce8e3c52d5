import { resolve } from 'node:path';
import { isObjectLocation } from '../../domain/ingestion/imports.ts';

/** A file or folder as the platform is told of it: an absolute path, or `s3://` as it stands. */
export function placeOf(given: string): string {
  return isObjectLocation(given) ? given : resolve(given);
}
