import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { StartFailure } from '../failure.ts';
import { call, deliver } from './http.ts';
import type { DemoVendor } from './vendors.ts';

/** Where data goes, and how often somebody looks whether it is there. */
export interface Destination {
  readonly url: string;
  /** Authorization header of the administrator. */
  readonly bearer: string;
  /** Whether the end was asked for meanwhile. */
  readonly isOver: () => boolean;
}

/** Well within 500 KB a request. */
const BATCH = 250;
/** Deliveries under way at a time. */
const DELIVERIES = 8;
const POLL_MS = 250;
const PATIENCE_MS = 5 * 60_000;

/** Posts Segment messages in batches; `onSent` is told how many are there. */
export async function sendMessages(
  { url, isOver }: Destination,
  writeKey: string,
  messages: readonly object[],
  onSent: (sent: number) => void,
): Promise<void> {
  const basic = `Basic ${Buffer.from(`${writeKey}:`).toString('base64')}`;
  for (let sent = 0; sent < messages.length && !isOver(); sent += BATCH) {
    await call(`${url}/v1/batch`, basic, { batch: messages.slice(sent, sent + BATCH) });
    onSent(Math.min(sent + BATCH, messages.length));
  }
}

/** Connects a source to its vendor, as `tessera source connect` does, and delivers what the vendor sends. */
export async function sendDeliveries(
  { url, bearer, isOver }: Destination,
  vendor: DemoVendor,
  bodies: readonly object[],
  onSent: (sent: number) => void,
): Promise<void> {
  const { source, connection } = vendor;
  await call(`${url}/v1/sources/${source}/connect`, bearer, connection);
  let next = 0;
  let sent = 0;
  const work = async (): Promise<void> => {
    for (let at = next++; at < bodies.length && !isOver(); at = next++) {
      const body = JSON.stringify(bodies[at]);
      await deliver(`${url}/v1/webhooks/${source}`, vendor.headers(body, new Date()), body);
      onSent(++sent);
    }
  };
  await Promise.all(Array.from({ length: DELIVERIES }, work));
}

/** Imports a file, as `tessera import` does, and waits until its rows are in; `onRows` is told how many are read. */
export async function importFile(
  destination: Destination,
  file: { readonly path: string; readonly source: string; readonly mapping: string },
  onRows: (rows: number) => void,
): Promise<void> {
  const { url, bearer } = destination;
  const started = await call(`${url}/v1/imports`, bearer, file);
  const status = new URL(String(started['statusUrl']), url).href;
  await until(destination, async () => {
    const progress = await call(status, bearer);
    if (progress['status'] === 'failed') throw new StartFailure(String(progress['error']), 'See the logs.');
    onRows(Number(progress['rows'] ?? 0));
    return progress['status'] === 'done';
  });
}

/** Writes a file for the worker to read, unless it is there: an import of an earlier start may still be reading it. */
export async function writeOnce(path: string, text: string): Promise<void> {
  const before = await readFile(path, 'utf8').catch(() => undefined);
  if (before === text) return;
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await writeFile(path, text, { mode: 0o600 });
}

/** Resolves once all that was accepted shows in profiles. */
export function settle(destination: Destination): Promise<void> {
  return until(destination, async () => {
    const status = await call(`${destination.url}/v1/status`, destination.bearer);
    const sources = (status['sources'] ?? {}) as Record<string, { pending?: number }>;
    return Object.values(sources).every(({ pending = 0 }) => pending === 0);
  });
}

async function until({ isOver }: Destination, isDone: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + PATIENCE_MS;
  while (!isOver() && !(await isDone())) {
    if (Date.now() > end) {
      throw new StartFailure('The worker did not get through it in time.', 'See the logs.');
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
