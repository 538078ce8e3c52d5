import type { ImportRequest } from '../../domain/ingestion/imports.ts';
import type { FileTake, ImportedFile } from '../../storage/imports/types.ts';
import type { FinishInput, ImportDeps } from './types.ts';

/** Beyond so many versions a file that is added to counts as a new one. */
const TAKES_MAX = 1_000;

/** The takes whose rows the file begins with now. */
function takesAfter(
  before: ImportedFile | undefined,
  request: ImportRequest,
  input: FinishInput,
): readonly FileTake[] {
  const { plan, position, importId } = input;
  const earlier = before?.takes ?? [];
  if (plan === undefined || earlier.some((take) => take.importId === importId)) return earlier;
  const nothing = input.progress.status === 'done' && position?.chunk === 0;
  if (nothing && plan.start.row > 0) return earlier;
  const { requestedAt } = request;
  const take = { importId, requestedAt, lanes: plan.lanes, digest: plan.digest, fromRow: plan.start.row };
  return plan.start.row > 0 && earlier.length < TAKES_MAX ? [...earlier, take] : [take];
}

/** Notes what came of a file of a folder, for the next time that the folder is imported. */
export async function noteInLedger(
  deps: ImportDeps,
  request: ImportRequest,
  input: FinishInput,
): Promise<void> {
  const { folderId, listed, source, path, mapping, importId } = request;
  const { status, errorType } = input.progress;
  if (folderId === undefined || listed === undefined || request.dryRun) return;
  const before = await deps.store.imports.files.get(source, path);
  const { plan } = input;
  // As it was read, which may be after it was listed; of what failed, as it was listed, so that any later change shows.
  const read =
    plan === undefined || status !== 'done'
      ? listed
      : {
          bytes: plan.fileBytes ?? plan.bytesTotal,
          modifiedMs: plan.modifiedMs,
          ...(plan.etag === undefined ? {} : { etag: plan.etag }),
        };
  await deps.store.imports.files.put(source, {
    ...{ path, mapping, importId, stamp: read },
    status: status === 'done' ? 'done' : 'failed',
    ...(errorType === undefined ? {} : { errorType }),
    takes: takesAfter(before, request, input),
  });
}
