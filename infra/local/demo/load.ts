import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ProgressBar, Reporter } from '../console.ts';
import { StartFailure } from '../failure.ts';
import { generateDemo, type DemoData } from './generate.ts';
import { call } from './http.ts';
import { deliveryOf } from './messages.ts';
import { importFile, sendDeliveries, sendMessages, settle, writeOnce, type Destination } from './send.ts';
import { createVendors } from './vendors.ts';

/** What the closing lines say of the demo: a customer whom every kind of source knows. */
export interface DemoSummary {
  /** The customer, as `type:value`: loyalty number first. */
  readonly showcase: string;
  readonly addresses: readonly string[];
  /** The customer's events by source. */
  readonly events: Readonly<Record<string, number>>;
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

/** One way that data comes in: how many records it brings, and how they are sent. */
interface Part {
  readonly records: number;
  readonly send: (onSent: (sent: number) => void) => Promise<void>;
}

const RECEIPTS = fileURLToPath(new URL('cdnow-sample.csv', import.meta.url));
const RECEIPT_ROWS = 6_919;
/** Records of a delivery, within what each vendor sends at once. */
const EMAIL_EVENTS = 200;
const MESSAGES = 50;
const TIMELINE_MAX = 1_000;

async function readTokens(data: string): Promise<Tokens> {
  const tokens = JSON.parse(await readFile(join(data, 'tokens.json'), 'utf8')) as Partial<Tokens>;
  if (tokens.adminToken === undefined || tokens.writeKeys?.['web'] === undefined) {
    throw new StartFailure('tokens.json lacks the admin token or the write key of web.', 'See the logs.');
  }
  return { adminToken: tokens.adminToken, writeKeys: tokens.writeKeys };
}

/** What the last loading left; undefined where it did not come to its end. */
async function readMarker(marker: string): Promise<DemoSummary | undefined> {
  const text = await readFile(marker, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  return { addresses: [], events: {}, ...(JSON.parse(text) as Pick<DemoSummary, 'showcase'>) };
}

function chunksOf<T>(list: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, chunk) =>
    list.slice(chunk * size, (chunk + 1) * size),
  );
}

const linesOf = (records: readonly object[]): string =>
  records.map((record) => `${JSON.stringify(record)}\n`).join('');

/** Everything that is loaded, each by the public way of its kind of source. */
function partsOf(demo: DemoData, to: Destination, data: string, webKey: string): Part[] {
  const vendors = createVendors();
  const folder = join(data, 'demo');
  const file = (name: string, text: string, source: string, mapping: string): Part['send'] => {
    const path = join(folder, name);
    return async (onRows) => {
      await writeOnce(path, text);
      await importFile(to, { path, source, mapping }, onRows);
    };
  };
  const receipts = { path: RECEIPTS, source: 'pos', mapping: 'cdnow-receipts' };
  const contacts = demo.contacts.split('\n').length - 2;
  const calls = 'amazon-connect-contact-records.ndjson';
  return [
    { records: RECEIPT_ROWS, send: (onRows) => importFile(to, receipts, onRows) },
    { records: demo.web.length, send: (onSent) => sendMessages(to, webKey, demo.web, onSent) },
    { records: contacts, send: file('hubspot-contacts.csv', demo.contacts, 'crm', 'hubspot-contacts') },
    {
      records: demo.calls.length,
      send: file(calls, linesOf(demo.calls), 'contact-center', 'amazon-connect'),
    },
    { records: demo.leads.length, send: file('meta-leads.ndjson', linesOf(demo.leads), 'social', 'meta') },
    {
      records: demo.tickets.length,
      send: (onSent) => sendDeliveries(to, vendors.tickets, demo.tickets, onSent),
    },
    {
      records: demo.emails.length,
      send: (onSent) =>
        sendDeliveries(to, vendors.emails, chunksOf(demo.emails, EMAIL_EVENTS), (sent) => {
          onSent(Math.min(sent * EMAIL_EVENTS, demo.emails.length));
        }),
    },
    {
      records: demo.messages.length,
      send: (onSent) =>
        sendDeliveries(to, vendors.messages, chunksOf(demo.messages, MESSAGES).map(deliveryOf), (sent) => {
          onSent(Math.min(sent * MESSAGES, demo.messages.length));
        }),
    },
  ];
}

/** Sends all parts side by side, with one bar over them. */
async function sendAll(parts: readonly Part[], bar: ProgressBar): Promise<void> {
  const done = parts.map(() => 0);
  await Promise.all(
    parts.map(({ send }, index) =>
      send((sent) => {
        done[index] = sent;
        bar.update(done.reduce((sum, count) => sum + count, 0));
      }),
    ),
  );
}

async function summaryOf({ showcase }: DemoData, to: Destination): Promise<DemoSummary> {
  const { customer = '', email, phone } = showcase.person;
  const address = `loyaltyId:${customer}`;
  const path = `/v1/profiles/${encodeURIComponent(address)}/events?limit=${TIMELINE_MAX}`;
  const timeline = await call(to.url + path, to.bearer);
  const events: Record<string, number> = {};
  for (const { source } of timeline['items'] as { source: string }[]) {
    events[source] = (events[source] ?? 0) + 1;
  }
  const addresses = [`email:${email}`, `phone:${phone}`, `anonymousId:${showcase.anonymousId}`];
  return { showcase: address, addresses, events };
}

/**
 * Loads the demo once per data folder: real receipts and what is generated around them, by import, webhooks and the
 * collection API. Message ids are the same each time, so that one that was interrupted is simply done again. Answers
 * undefined where the end was asked for meanwhile. Throws `StartFailure`.
 */
export async function loadDemo(target: DemoTarget): Promise<DemoSummary | undefined> {
  const marker = join(target.data, 'demo.json');
  const before = await readMarker(marker);
  if (before !== undefined) return before;
  const { adminToken, writeKeys } = await readTokens(target.data);
  const { url, isOver, report } = target;
  const to: Destination = { url, isOver, bearer: `Bearer ${adminToken}` };
  const demo = generateDemo(await readFile(RECEIPTS, 'utf8'));
  const parts = partsOf(demo, to, target.data, writeKeys['web'] ?? '');
  const records = parts.reduce((sum, part) => sum + part.records, 0);
  const bar = report.bar('loading the demo', records);
  try {
    await sendAll(parts, bar);
    await settle(to);
  } finally {
    bar.done();
  }
  if (isOver()) return undefined;
  const summary = await summaryOf(demo, to);
  await writeFile(`${marker}.new`, `${JSON.stringify(summary)}\n`, { mode: 0o600 });
  await rename(`${marker}.new`, marker);
  report.step(
    `demo loaded: ${RECEIPT_ROWS} real receipts, and ${records - RECEIPT_ROWS} generated records of web, crm, contact-center, email and social`,
  );
  return summary;
}
