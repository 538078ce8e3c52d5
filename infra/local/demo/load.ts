import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Reporter } from '../console.ts';
import { StartFailure } from '../failure.ts';
import { generateDemo, type DemoData } from './generate.ts';
import { call } from './http.ts';
import { partsOf, RECEIPT_ROWS, RECEIPTS, sendParts } from './parts.ts';
import { settle, type Destination } from './send.ts';

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
  const from = { folder: join(target.data, 'demo'), webKey: writeKeys['web'] ?? '' };
  const parts = partsOf(demo, to, from);
  const records = parts.reduce((sum, part) => sum + part.records, 0);
  const bar = report.bar('loading the demo', records);
  try {
    await sendParts(parts, (sent) => {
      bar.update(sent);
    });
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
