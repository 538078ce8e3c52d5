import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { DemoData } from './generate.ts';
import { deliveryOf } from './messages.ts';
import { importFile, sendDeliveries, sendMessages, writeOnce, type Destination } from './send.ts';
import { createVendors } from './vendors.ts';

/** One way that data comes in: how many records it brings, and how they are sent. */
export interface Part {
  readonly records: number;
  readonly send: (onSent: (sent: number) => void) => Promise<void>;
}

/** The sample with the real receipts. */
export const RECEIPTS = fileURLToPath(new URL('cdnow-sample.csv', import.meta.url));
export const RECEIPT_ROWS = 6_919;
/** Records of a delivery, within what each vendor sends at once. */
const EMAIL_EVENTS = 200;
const MESSAGES = 50;

function chunksOf<T>(list: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, chunk) =>
    list.slice(chunk * size, (chunk + 1) * size),
  );
}

/** Everything that is loaded, each by the public way of its kind of source. Files that are imported lie in `folder`. */
export function partsOf(
  demo: DemoData,
  to: Destination,
  from: { readonly folder: string; readonly webKey: string },
): Part[] {
  const receipts = { path: RECEIPTS, source: 'pos', mapping: 'cdnow-receipts' };
  return [
    { records: RECEIPT_ROWS, send: (onRows) => importFile(to, receipts, onRows) },
    { records: demo.web.length, send: (onSent) => sendMessages(to, from.webKey, demo.web, onSent) },
    ...fileParts(demo, to, from.folder),
    ...webhookParts(demo, to),
  ];
}

function fileParts(demo: DemoData, to: Destination, folder: string): Part[] {
  const part = (name: string, lines: readonly string[], source: string, mapping: string): Part => {
    const path = join(folder, name);
    const headers = name.endsWith('.csv') ? 1 : 0;
    return {
      records: lines.length - headers,
      send: async (onRows) => {
        await writeOnce(path, `${lines.join('\n')}\n`);
        await importFile(to, { path, source, mapping }, onRows);
      },
    };
  };
  const json = (records: readonly object[]) => records.map((record) => JSON.stringify(record));
  return [
    part('hubspot-contacts.csv', demo.contacts, 'crm', 'hubspot-contacts'),
    part('amazon-connect-contact-records.ndjson', json(demo.calls), 'contact-center', 'amazon-connect'),
    part('meta-leads.ndjson', json(demo.leads), 'social', 'meta'),
  ];
}

function webhookParts({ tickets, emails, messages }: DemoData, to: Destination): Part[] {
  const vendors = createVendors();
  return [
    { records: tickets.length, send: (onSent) => sendDeliveries(to, vendors.tickets, tickets, onSent) },
    {
      records: emails.length,
      send: (onSent) =>
        sendDeliveries(to, vendors.emails, chunksOf(emails, EMAIL_EVENTS), (sent) => {
          onSent(Math.min(sent * EMAIL_EVENTS, emails.length));
        }),
    },
    {
      records: messages.length,
      send: (onSent) =>
        sendDeliveries(to, vendors.messages, chunksOf(messages, MESSAGES).map(deliveryOf), (sent) => {
          onSent(Math.min(sent * MESSAGES, messages.length));
        }),
    },
  ];
}

/** Sends all parts side by side; `onSent` is told how many records are there. */
export async function sendParts(parts: readonly Part[], onSent: (sent: number) => void): Promise<void> {
  const done = parts.map(() => 0);
  await Promise.all(
    parts.map(({ send }, index) =>
      send((sent) => {
        done[index] = sent;
        onSent(done.reduce((sum, count) => sum + count, 0));
      }),
    ),
  );
}
