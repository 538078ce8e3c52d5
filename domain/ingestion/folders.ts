import type { FileFormat, FileStamp, ImportProgress } from './imports.ts';

/** What an import of a folder is asked to do. */
export interface FolderOptions {
  /** A folder on the worker's machine, or `s3://bucket/prefix`. */
  readonly folder: string;
  readonly mapping: string;
  /** A pattern that names of files must match, such as `*.csv.gz`; every file of a known ending where absent. */
  readonly pattern?: string;
  /** By the file's ending where absent. */
  readonly format?: FileFormat;
  readonly encoding?: 'utf8' | 'latin1';
  readonly delimiter?: string;
  /** A file touched within so many milliseconds is left for the next run, since somebody may still write it. */
  readonly settleMs: number;
  /** Whether a file that was malformed and has not changed since is tried again. */
  readonly retryMalformed: boolean;
  readonly dryRun: boolean;
}

/** Kept in the store under the folder's id. */
export interface FolderRequest extends FolderOptions {
  readonly folderId: string;
  readonly source: string;
  /** ISO 8601 UTC. */
  readonly requestedAt: string;
  /** The schedule that started it. */
  readonly schedule?: string;
  /** Of a schedule's run, whose id Temporal made. */
  readonly workflowId?: string;
}

/** A file of a folder as it was found. */
export interface ListedFile {
  readonly path: string;
  readonly stamp: FileStamp;
  /** Touched too recently to be read. */
  readonly unsettled?: true;
}

/**
 * What an import of a folder did with a file: `imported` now; `unchanged` since it was imported and so not read; `unsettled`,
 * left for the next run; `failed`, now or before and not changed since.
 */
export type FileOutcome = 'imported' | 'unchanged' | 'unsettled' | 'failed';

/** One file of an import of a folder. */
export interface FolderFile extends Partial<
  Pick<ImportProgress, 'rows' | 'stored' | 'duplicates' | 'quarantined'>
> {
  readonly path: string;
  readonly outcome: FileOutcome;
  /** Its own import, with a manifest of its own; of earlier, where it was not read now. */
  readonly importId?: string;
  readonly error?: string;
}

/** What the `progress` query and the status URL answer. */
export interface FolderProgress {
  readonly folderId: string;
  readonly source: string;
  readonly status: 'listing' | 'importing' | 'done' | 'failed';
  /** Files found that match. */
  readonly files: number;
  /** Files by what was done with them. */
  readonly outcomes: Readonly<Record<FileOutcome, number>>;
  readonly rows: number;
  readonly stored: number;
  readonly duplicates: number;
  readonly quarantined: number;
  readonly error?: string;
}

/** Nothing done yet. */
export function emptyFolderProgress(folderId: string, source: string): FolderProgress {
  return {
    folderId,
    source,
    status: 'listing',
    files: 0,
    outcomes: { imported: 0, unchanged: 0, unsettled: 0, failed: 0 },
    ...{ rows: 0, stored: 0, duplicates: 0, quarantined: 0 },
  };
}

/** Progress with one more file. Rows count for files that were read now. */
export function withFile(progress: FolderProgress, file: FolderFile): FolderProgress {
  const { outcomes } = progress;
  return {
    ...progress,
    outcomes: { ...outcomes, [file.outcome]: outcomes[file.outcome] + 1 },
    rows: progress.rows + (file.rows ?? 0),
    stored: progress.stored + (file.stored ?? 0),
    duplicates: progress.duplicates + (file.duplicates ?? 0),
    quarantined: progress.quarantined + (file.quarantined ?? 0),
  };
}

/** Endings of what is still being written, by the habits of browsers, shells and transfer programs. */
const PARTIAL = /(?:\.(?:tmp|temp|part|partial|crdownload|filepart|swp|writing)|~)$/i;

/** Whether a name says that the file is not whole yet. */
export function isPartialName(name: string): boolean {
  return PARTIAL.test(name);
}

/** A test for names by a pattern: `*` and `?` within a name, `**` across folders. Without a slash it is for the last name. */
export function namePattern(pattern: string): (path: string) => boolean {
  const source = pattern.replace(/[.+^${}()|[\]\\]|\*\*\/?|\*|\?/g, (part) => {
    if (part === '*') return '[^/]*';
    if (part === '?') return '[^/]';
    return part.startsWith('**') ? '(?:.*)' : `\\${part}`;
  });
  const expression = new RegExp(`^${source}$`, 'su');
  return (path) => expression.test(pattern.includes('/') ? path : path.slice(path.lastIndexOf('/') + 1));
}
