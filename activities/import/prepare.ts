import { createHash } from 'node:crypto';
import { Context } from '@temporalio/activity';
import type { ImportRequest } from '../../domain/ingestion/imports.ts';
import { detectDelimiter, readHeader, sniff } from './csv.ts';
import { importFailure } from './failures.ts';
import { changed, digestOf, stampOf } from './file.ts';
import type { ImportDeps, ImportInput, ImportPlan } from './types.ts';

/** What was asked under an import id. Throws a clear failure where nothing was. */
export async function requestOf(deps: ImportDeps, input: ImportInput): Promise<ImportRequest> {
  const request = await deps.store.imports.request(input.importId);
  if (request === undefined)
    throw importFailure('UnknownImport', `there is no import ${input.importId}; it was never asked for`);
  return request;
}

/**
 * Looks the file over once before anything of it is taken in: that it and its mapping exist, its digest, its encoding
 * and its form.
 */
export async function prepareImport(deps: ImportDeps, input: ImportInput): Promise<ImportPlan> {
  const request = await requestOf(deps, input);
  const source = await deps.store.registry.source(input.source);
  if (source === undefined)
    throw importFailure('UnknownSource', `there is no source "${input.source}"; add it, then import again`);
  const mapping = await deps.store.registry.mapping(request.mapping);
  if (mapping === undefined)
    throw importFailure('UnknownMapping', `there is no mapping "${request.mapping}"; name one that exists`);
  const before = await stampOf(request.path);
  const { digest, isUtf8 } = await digestOf(request.path, () => {
    Context.current().heartbeat();
  });
  const after = await stampOf(request.path);
  if (after.bytes !== before.bytes || after.modifiedMs !== before.modifiedMs) throw changed();
  const encoding = request.encoding ?? (isUtf8 ? 'utf8' : 'latin1');
  const delimiter = request.delimiter ?? detectDelimiter(await sniff(request.path, encoding));
  const form = { encoding, delimiter };
  const byte = request.format === 'csv' ? (await readHeader(request.path, form)).endByte : 0;
  return {
    digest,
    bytesTotal: after.bytes,
    modifiedMs: after.modifiedMs,
    format: request.format,
    ...form,
    // One lane for the whole file: pumps of two lanes would meet at its people.
    lane: createHash('sha256').update(digest).digest().readUInt32BE(0) % source.lanes,
    mapping: `${mapping.name}@${mapping.version}`,
    dryRun: request.dryRun,
    requestedAt: request.requestedAt,
    start: { byte, row: 0, chunk: 0, done: false },
  };
}
