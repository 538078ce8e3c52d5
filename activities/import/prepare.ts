import { Context } from '@temporalio/activity';
import { sameStamp, type FileStamp, type ImportRequest } from '../../domain/ingestion/imports.ts';
import { identifyingMembers } from '../../domain/mapping/identifying.ts';
import { fileChanged, type Files } from '../../storage/files/types.ts';
import { compressionOf, contentOf, headOf, type ContentRef } from './content.ts';
import { detectDelimiter, readHeader } from './csv.ts';
import { asImportFailure, importFailure } from './failures.ts';
import { digestOf } from './file.ts';
import { checkOneValueALine } from './ndjson.ts';
import { onThisMachine } from './parquet/copy.ts';
import { countParquetRows } from './parquet/host.ts';
import { earlierRows } from './earlier-rows.ts';
import type { ImportDeps, ImportInput, ImportPlan } from './types.ts';

/** The byte order marks of UTF-16, with which no other text begins. */
const UTF16_MARKS = [Buffer.from([0xff, 0xfe]), Buffer.from([0xfe, 0xff])];
/** So much of the content is looked at to tell its form. */
const SNIFF_BYTES = 64_000;
/** Between heartbeats while a file is looked over, in milliseconds. */
const HEARTBEAT_MS = 1_000;

/** What was asked under an import id. Throws a clear failure where nothing was. */
export async function requestOf(deps: ImportDeps, input: ImportInput): Promise<ImportRequest> {
  const request = await deps.store.imports.request(input.importId);
  if (request === undefined)
    throw importFailure('UnknownImport', `there is no import ${input.importId}; it was never asked for`);
  return request;
}

/** What of a plan is found in the file itself. */
type FileForm = Omit<ImportPlan, 'lanes' | 'spreadBy' | 'mapping' | 'dryRun' | 'requestedAt'>;

async function formOf(files: Files, request: ImportRequest, beat: () => void): Promise<FileForm> {
  const { path, format } = request;
  const stamp = await files.stamp(path);
  const compression = await compressionOf(files, path, stamp, format);
  const ref: ContentRef = { path, stamp, compression };
  const { digest, isUtf8, bytes } = await digestOf(files, ref, beat);
  if (!sameStamp(await files.stamp(path), stamp)) throw fileChanged();
  const encoding = request.encoding ?? (isUtf8 ? 'utf8' : 'latin1');
  const start = { byte: 0, row: 0, chunk: 0, done: false };
  const found = { digest, bytesTotal: bytes, ...stampFields(stamp), format, encoding, start };
  const form = { ...found, delimiter: ',', ...(compression === undefined ? {} : { compression }) };
  if (format === 'parquet') {
    const step = async function* (local: string) {
      yield await countParquetRows(local);
    };
    for await (const rowsTotal of onThisMachine(files, ref, beat, step)) return { ...form, rowsTotal };
  }
  const first = await headOf(files, ref, SNIFF_BYTES);
  checkNotUtf16(first);
  const head = first.toString(encoding).replace(/^\uFEFF/u, '');
  if (format === 'ndjson') {
    checkOneValueALine(head);
    return form;
  }
  const delimiter = request.delimiter ?? detectDelimiter(head);
  const { endByte } = await readHeader((from) => contentOf(files, ref, from), { encoding, delimiter });
  return { ...form, delimiter, start: { ...start, byte: endByte } };
}

/** Throws a clear failure for text in UTF-16, every row of which would be an error of its own. */
function checkNotUtf16(head: Buffer): void {
  const isUtf16 = UTF16_MARKS.some((mark) => head.subarray(0, mark.length).equals(mark));
  if (!isUtf16) return;
  const sentence =
    'the file is UTF-16; save it as UTF-8 (in Excel "CSV UTF-8"), or "iconv -f UTF-16 -t UTF-8 FILE > FILE.csv" makes it so';
  throw importFailure('MalformedFile', sentence);
}

function stampFields({
  bytes,
  modifiedMs,
  etag,
}: FileStamp): Pick<ImportPlan, 'fileBytes' | 'modifiedMs' | 'etag'> {
  return { fileBytes: bytes, modifiedMs, ...(etag === undefined ? {} : { etag }) };
}

/**
 * Looks the file over once before anything of it is taken in: that it and its mapping exist, its digest, its encoding
 * and its form, and where reading starts.
 */
export async function prepareImport(deps: ImportDeps, input: ImportInput): Promise<ImportPlan> {
  const request = await requestOf(deps, input);
  const source = await deps.store.registry.source(input.source);
  if (source === undefined)
    throw importFailure('UnknownSource', `there is no source "${input.source}"; add it, then import again`);
  const mapping = await deps.store.registry.mapping(request.mapping);
  if (mapping === undefined)
    throw importFailure('UnknownMapping', `there is no mapping "${request.mapping}"; name one that exists`);
  const context = Context.current();
  const beat = (): void => {
    context.heartbeat();
  };
  // Counting rows of Parquet, and comparing them, give no sign of their own for seconds.
  const timer = setInterval(beat, HEARTBEAT_MS);
  try {
    const form = await formOf(deps.files, request, beat);
    const plan = {
      ...form,
      // A rehearsal goes through no lane.
      lanes: request.dryRun ? 1 : source.lanes,
      spreadBy: identifyingMembers(mapping),
      mapping: `${mapping.name}@${mapping.version}`,
      dryRun: request.dryRun,
      requestedAt: request.requestedAt,
    };
    return { ...plan, start: await earlierRows(deps, request, plan) };
  } catch (error) {
    throw asImportFailure(error);
  } finally {
    clearInterval(timer);
  }
}
