import { createHash } from 'node:crypto';
import { recordKey, type ReadRecord, type SyncCursor } from '../../domain/sync/cursor.ts';
import { NO_COUNTS, type StreamCounts } from '../../domain/sync/types.ts';
import { derivedUlid } from '../../storage/intake/ulid.ts';
import type { StreamState, SyncConfig, SyncRun } from '../../storage/syncs/types.ts';
import { asRecord } from './http.ts';
import type { SyncDeps, VendorApi, VendorPage } from './types.ts';

/** A batch is closed at so many records, or so many characters. */
const BATCH_ITEMS = 1_000;
const BATCH_CHARS = 1_000_000;
/** One lane for the whole source: pumps of two lanes would meet at its people. */
export const SYNC_LANE = 0;

/** A record on its way into a batch, as JSON texts. */
interface Line {
  readonly body: string;
  readonly reject: string;
  readonly row: number;
}

/** A page, sorted out. */
export interface SortedPage {
  readonly lines: readonly Line[];
  readonly records: readonly ReadRecord[];
  readonly counts: StreamCounts;
  /** Tells this page from every other. */
  readonly digest: string;
}

/** The key under which the outcomes of a run's batches are kept, as those of a file. */
export function outcomesKey(run: Pick<SyncRun, 'runId'>): string {
  return `sync-${run.runId}`;
}

function digestOf(texts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const text of texts) hash.update(text).update('\n');
  return hash.digest('base64url').slice(0, 16);
}

/** Which records of a page are taken in: not those that were before, and those that are none as rejects with their path. */
export function sortOut(
  api: VendorApi,
  stream: StreamState,
  { records: page, way = '' }: VendorPage,
  known: { readonly cursor: SyncCursor | undefined; readonly rowsBefore: number },
): SortedPage {
  const recent = new Set(known.cursor?.recent);
  const lines: Line[] = [];
  const records: ReadRecord[] = [];
  const seen = [way];
  let { repeated, deleted, malformed } = NO_COUNTS;
  for (const [index, raw] of page.entries()) {
    const record = asRecord(raw);
    const facts = record === undefined ? NO_RECORD : api.facts(record, stream.stream);
    const row = known.rowsBefore + index + 1;
    const body = JSON.stringify({ object: stream.object, record: raw });
    if (!('id' in facts)) {
      malformed += 1;
      seen.push(body);
      const path = ['records', `[${index}]`, facts.path === '' ? '' : `.${facts.path}`].join('');
      lines.push({
        body,
        row,
        reject: JSON.stringify({ code: 'malformed-record', detail: `${path} ${facts.detail}` }),
      });
      continue;
    }
    const key = recordKey(facts);
    seen.push(key);
    if (recent.has(key) || isLongKnown(stream, facts)) {
      repeated += 1;
      continue;
    }
    recent.add(key);
    records.push(facts);
    if (facts.deleted) deleted += 1;
    lines.push({ body, row, reject: '' });
  }
  const counts = { pages: 1, rows: page.length, repeated, deleted, malformed };
  return { lines, records, counts, digest: digestOf(seen) };
}

const NO_RECORD = { path: '', detail: 'must be an object' };

/** A list of everything has what is older than what is asked for as well. */
function isLongKnown({ from }: StreamState, { modified }: ReadRecord): boolean {
  return from !== null && modified < from;
}

function chunksOf(lines: readonly Line[]): Line[][] {
  const chunks: Line[][] = [];
  let chunk: Line[] = [];
  let chars = 0;
  for (const line of lines) {
    if (chunk.length === BATCH_ITEMS || (chunk.length > 0 && chars + line.body.length > BATCH_CHARS)) {
      chunks.push(chunk);
      chunk = [];
      chars = 0;
    }
    chunk.push(line);
    chars += line.body.length;
  }
  return chunk.length === 0 ? chunks : [...chunks, chunk];
}

/**
 * Takes a page's records in as batches; answers their ids. Their ids follow from the run, the step and the records: a retry
 * that reads the same appends the same batches, to no effect; one that reads something else appends others, in which what was
 * taken in before is a duplicate.
 */
export async function takeIn(
  deps: SyncDeps,
  config: SyncConfig,
  run: SyncRun,
  lines: readonly Line[],
): Promise<string[]> {
  const receivedAt = new Date((deps.now ?? Date.now)()).toISOString();
  const file = JSON.stringify(outcomesKey(run));
  const ids: string[] = [];
  for (const chunk of chunksOf(lines)) {
    const digest = digestOf(chunk.map(({ body }) => body));
    const batchId = derivedUlid(
      Date.parse(run.startedAt) + run.step,
      `sync|${run.runId}|${run.step}|${digest}`,
    );
    const { header, needsWake } = await deps.store.batches.append(
      {
        batchId,
        source: config.source,
        lane: SYNC_LANE,
        mapping: config.mapping,
        items: chunk.length,
        receivedAt,
      },
      chunk.map(
        ({ body, reject, row }) =>
          `{"body":${body},"receivedAt":${JSON.stringify(receivedAt)}${reject === '' ? '' : `,"reject":${reject}`},` +
          `"origin":{"file":${file},"row":${row}}}`,
      ),
    );
    if (needsWake) await deps.wake(header.source, header.lane);
    ids.push(batchId);
  }
  return ids;
}
