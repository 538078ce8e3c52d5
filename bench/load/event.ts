import { randomBytes } from 'node:crypto';

/** Bytes of one event as a Segment library sends it. */
export const EVENT_BYTES = 700;

const ID_CHARS = 26;
const USER_CHARS = 9;

/** A JSON text with places where each event differs; filled in place, as making JSON would cost more than serving it. */
export interface Template {
  readonly bytes: Buffer;
  /** Writes the next message id and the user's number into place `index` of the batch. */
  set(index: number, sequence: number, user: number): void;
}

const NAMES = ['Product Viewed', 'Product Added', 'Cart Viewed', 'Checkout Started', 'Order Completed'];

function event(index: number, run: string): string {
  const name = NAMES[index % NAMES.length] ?? '';
  const now = new Date().toISOString();
  const text = JSON.stringify({
    type: 'track',
    event: name,
    messageId: `${run}-${'0'.repeat(ID_CHARS - run.length - 1)}`,
    userId: `u${'0'.repeat(USER_CHARS)}`,
    timestamp: now,
    originalTimestamp: now,
    properties: {
      product_id: `507f1f77bcf86cd7994390${index % 90}`,
      sku: `G-${32 + (index % 60)}`,
      category: 'Games',
      name: 'Monopoly: 3rd Edition',
      brand: 'Hasbro',
      variant: '200 pieces',
      price: 18.99,
      revenue: 18.99 + (index % 7),
      quantity: 1 + (index % 3),
      currency: 'EUR',
      url: 'https://www.example.com/product/path',
    },
    context: {
      library: { name: 'analytics.js', version: '4.1.0' },
      ip: '203.0.113.7',
      locale: 'nl-BE',
      page: { path: '/product/path', title: 'Monopoly', url: 'https://www.example.com/product/path' },
      userAgent: '',
    },
    integrations: {},
  });
  return text.replace(
    '"userAgent":""',
    `"userAgent":"${'Mozilla/5.0 '.padEnd(Math.max(0, EVENT_BYTES - text.length), 'x')}"`,
  );
}

function writeDigits(bytes: Buffer, end: number, digits: number, value: number): void {
  let rest = value;
  for (let place = 1; place <= digits; place += 1) {
    bytes[end - place] = 48 + (rest % 10);
    rest = Math.floor(rest / 10);
  }
}

/** A template of `count` events: alone, or as a batch. `run` makes ids of this run unique; at most 8 characters. */
export function template(count: number, batch: boolean, run: string): Template {
  const events = Array.from({ length: count }, (_, index) => event(index, run));
  const bytes = Buffer.from(batch ? `{"batch":[${events.join(',')}]}` : (events[0] ?? ''));
  const ids: number[] = [];
  const users: number[] = [];
  for (let at = bytes.indexOf('"messageId":"'); at >= 0; at = bytes.indexOf('"messageId":"', at + 1)) {
    ids.push(at + '"messageId":"'.length + ID_CHARS);
    users.push(bytes.indexOf('"userId":"u', at) + '"userId":"u'.length + USER_CHARS);
  }
  const digits = ID_CHARS - run.length - 1;
  return {
    bytes,
    set(index, sequence, user) {
      writeDigits(bytes, ids[index] ?? 0, digits, sequence);
      writeDigits(bytes, users[index] ?? 0, USER_CHARS, user);
    },
  };
}

/** A short random name of a run. */
export function runName(): string {
  return randomBytes(4).toString('hex');
}
