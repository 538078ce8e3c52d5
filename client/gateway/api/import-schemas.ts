import { isAbsolute } from 'node:path';
import { z } from 'zod';
import { isObjectLocation } from '../../../domain/ingestion/imports.ts';
import { mappingRef, name } from './schemas.ts';

const PATH_CHARS_MAX = 4_096;
/** A bucket's name and, for a file, a key. */
const OBJECT = /^s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](?:\/.*)?$/s;

/** Where a file or folder is: a path on the worker's machine, or in S3. */
export const location = z
  .string()
  .min(1)
  .max(PATH_CHARS_MAX)
  .refine(
    (path) => !path.includes('\0') && (isObjectLocation(path) ? OBJECT.test(path) : isAbsolute(path)),
    "must be an absolute path on the worker's machine, or s3://bucket/key",
  );

/** How files are read and mapped. */
export const reading = {
  source: name,
  mapping: mappingRef.optional().meta({ description: "The source's own where absent" }),
  format: z
    .enum(['csv', 'ndjson', 'parquet'])
    .optional()
    .meta({ description: "By the file's ending where absent; CSV and NDJSON may be compressed by gzip" }),
  encoding: z.enum(['utf8', 'latin1']).optional(),
  delimiter: z.string().length(1).optional(),
  dryRun: z.boolean().default(false),
};

/** Names that files of a folder must match. */
export const pattern = z
  .string()
  .min(1)
  .max(200)
  .meta({ description: 'Such as *.csv.gz; every file with an ending that tells its format where absent' });

/** How long a file must have been left alone. */
export const settle = z
  .string()
  .max(40)
  .meta({ description: 'ISO 8601 duration that a file must not have been touched for', example: 'PT1M' });
