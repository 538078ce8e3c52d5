import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Reporter } from '../console.ts';
import { StartFailure } from '../failure.ts';
import { call } from './http.ts';
import { purchaseDays } from './receipts.ts';
import { generateVisits, type WebMessage } from './visits.ts';

/** What the closing lines say of the demo. */
export interface DemoSummary {
  /** A customer with purchases and visits, as `type:value`. */
  readonly showcase: string;
}

/** Where to load to, and who watches. */
export interface DemoTarget {
  readonly url: string;
  readonly data: string;
  readonly report: Reporter;
  /** Whether the end was asked for meanwhile. */
  readonly isOver: () => boolean;
}

interface Tokens {
  readonly adminToken: string;
  readonly writeKeys: Record<string, string>;
}

const RECEIPTS = fileURLToPath(new URL('cdnow-sample.csv', import.meta.url));
const RECEIPT_ROWS = 6_919;
/** Well within 500 KB a request. */
const BATCH = 250;
const POLL_MS = 250;
const PATIENCE_MS = 5 * 60_000;

async function readTokens(data: string): Promise<Tokens> {
  const tokens = JSON.parse(await readFile(join(data, 'tokens.json'), 'utf8')) as Partial<Tokens>;
  if (tokens.adminToken === undefined || tokens.writeKeys?.['web'] === undefined) {
    throw new StartFailure('tokens.json lacks the admin token or the write key of web.', 'See the logs.');
  }
  return { adminToken: tokens.adminToken, writeKeys: tokens.writeKeys };
}

async function isLoaded(marker: string): Promise<boolean> {
  return readFile(marker, 'utf8').then(
    () => true,
    () => false,
  );
}

async function importReceipts(
  target: DemoTarget,
  bearer: string,
  onRows: (rows: number) => void,
): Promise<void> {
  const { url } = target;
  const started = await call(`${url}/v1/imports`, bearer, {
    path: RECEIPTS,
    source: 'pos',
    mapping: 'cdnow-receipts',
  });
  const status = new URL(String(started['statusUrl']), url).href;
  const end = Date.now() + PATIENCE_MS;
  while (!target.isOver()) {
    const progress = await call(status, bearer);
    if (progress['status'] === 'failed') throw new StartFailure(String(progress['error']), 'See the logs.');
    onRows(Number(progress['rows'] ?? 0));
    if (progress['status'] === 'done') return;
    await pause(end);
  }
}

async function sendVisits(
  target: DemoTarget,
  basic: string,
  messages: readonly WebMessage[],
  onSent: (sent: number) => void,
): Promise<void> {
  for (let sent = 0; sent < messages.length && !target.isOver(); sent += BATCH) {
    await call(`${target.url}/v1/batch`, basic, { batch: messages.slice(sent, sent + BATCH) });
    onSent(Math.min(sent + BATCH, messages.length));
  }
}

function pendingOf(status: Record<string, unknown>): number {
  const sources = (status['sources'] ?? {}) as Record<string, { pending?: number }>;
  return Object.values(sources).reduce((sum, source) => sum + (source.pending ?? 0), 0);
}

async function settle(target: DemoTarget, bearer: string): Promise<void> {
  const end = Date.now() + PATIENCE_MS;
  while (!target.isOver() && pendingOf(await call(`${target.url}/v1/status`, bearer)) > 0) await pause(end);
}

async function pause(end: number): Promise<void> {
  if (Date.now() > end) throw new StartFailure('The worker did not get through it in time.', 'See the logs.');
  await new Promise((resolve) => setTimeout(resolve, POLL_MS));
}

/**
 * Loads the demo once per data folder: real receipts by import, generated visits by the collection API. Message ids
 * are the same each time, so that one that was interrupted is simply done again. Throws `StartFailure`.
 */
export async function loadDemo(target: DemoTarget): Promise<DemoSummary> {
  const visits = generateVisits(purchaseDays(await readFile(RECEIPTS, 'utf8')));
  const marker = join(target.data, 'demo.json');
  if (await isLoaded(marker)) return { showcase: visits.showcase };
  const tokens = await readTokens(target.data);
  const bearer = `Bearer ${tokens.adminToken}`;
  const basic = `Basic ${Buffer.from(`${tokens.writeKeys['web'] ?? ''}:`).toString('base64')}`;
  const bar = target.report.bar('loading the demo', RECEIPT_ROWS + visits.messages.length);
  const done = { rows: 0, visits: 0 };
  const show = () => {
    bar.update(done.rows + done.visits);
  };
  try {
    const parts = [
      importReceipts(target, bearer, (rows) => {
        done.rows = rows;
        show();
      }),
      sendVisits(target, basic, visits.messages, (sent) => {
        done.visits = sent;
        show();
      }),
    ];
    await Promise.all(parts);
    await settle(target, bearer);
  } finally {
    bar.done();
  }
  if (target.isOver()) return { showcase: visits.showcase };
  await writeFile(`${marker}.new`, `${JSON.stringify({ showcase: visits.showcase })}\n`, { mode: 0o600 });
  await rename(`${marker}.new`, marker);
  target.report.step(
    `demo loaded: ${RECEIPT_ROWS} real receipts, ${visits.messages.length} generated web events`,
  );
  return { showcase: visits.showcase };
}
