import { createRandom, type Random } from './random.ts';
import type { PurchaseDays } from './receipts.ts';

/** One message as a web site would send it. */
export type WebMessage = Record<string, unknown> & { readonly messageId: string; readonly timestamp: string };

/** What a customer did on the web site, in milliseconds since 1970. */
export interface Journey {
  readonly customer: string;
  readonly anonymousId: string;
  /** When each visit began. */
  readonly visits: readonly number[];
  readonly login: { readonly messageId: string; readonly at: number };
}

/** The generated visits, and a customer worth looking at: many purchases, several visits, a login. */
export interface Visits {
  /** What was looked at; logins, which name people, are told by the journeys. */
  readonly messages: readonly WebMessage[];
  readonly journeys: readonly Journey[];
  /** Loyalty number. */
  readonly showcase: string;
}

const SEED = 19_970_101;
const SHARE_OF_CUSTOMERS_ONLINE = 0.4;
/** Visitors who look and never say who they are. */
const STRANGERS = 150;
const VISITS_MAX = 4;
const DAYS_BEFORE_MAX = 6;
const DAY_MS = 86_400_000;
const ALBUMS = 400;
/** A customer with more purchases than this makes too long a first look. */
const SHOWCASE_PURCHASES_MAX = 12;

const SECTIONS = ['Rock', 'Jazz', 'Classical', 'Country', 'Folk', 'Soundtracks', 'New releases'] as const;

/** What every message says of where it comes from. */
export const GENERATED_CONTEXT = { generated: true, library: { name: 'tessera-demo', version: '1' } };

function createMessageId(random: Random): string {
  return `demo-${random.uuid()}`;
}

/** Writes messages of one browser, one after the other in time. */
class Browser {
  readonly anonymousId: string;
  readonly #random: Random;
  readonly #out: WebMessage[];

  constructor(random: Random, out: WebMessage[]) {
    this.#random = random;
    this.#out = out;
    this.anonymousId = random.uuid();
  }

  #send(type: string, at: number, fields: Record<string, unknown>): void {
    this.#out.push({
      type,
      messageId: createMessageId(this.#random),
      timestamp: new Date(at).toISOString(),
      anonymousId: this.anonymousId,
      ...fields,
      context: GENERATED_CONTEXT,
    });
  }

  /** One section page, then some albums; answers the time of the last click. */
  visit(start: number): number {
    let at = start;
    const section = SECTIONS[this.#random.between(0, SECTIONS.length - 1)] ?? SECTIONS[0];
    const path = `/music/${section.toLowerCase().replace(' ', '-')}`;
    this.#send('page', at, {
      name: section,
      properties: { path, title: section, url: `https://music.example.com${path}` },
    });
    for (let albums = this.#random.between(2, 4); albums > 0; albums -= 1) {
      at += this.#random.between(10_000, 180_000);
      const album = this.#random.between(1, ALBUMS);
      this.#send('track', at, {
        event: 'Product Viewed',
        properties: {
          product_id: `cd-${String(album).padStart(4, '0')}`,
          name: `Album ${album}`,
          category: section,
          price: 8.99 + (album % 9),
          currency: 'USD',
        },
      });
    }
    return at;
  }
}

function startOfVisit(random: Random, day: string, daysBefore: number): number {
  return Date.parse(`${day}T00:00:00Z`) - daysBefore * DAY_MS + random.between(8 * 3600, 22 * 3600) * 1000;
}

/** The visits of customers with these purchases. Pure: the same receipts and seed give the same messages. */
export function generateVisits(purchases: PurchaseDays, seed = SEED): Visits {
  const random = createRandom(seed);
  const messages: WebMessage[] = [];
  const journeys: Journey[] = [];
  let showcase = { customer: '', purchases: 0 };
  const days = [...new Set([...purchases.values()].flat())].sort();
  for (const [customer, bought] of purchases) {
    if (!random.chance(SHARE_OF_CUSTOMERS_ONLINE)) continue;
    const browser = new Browser(random, messages);
    const visits: number[] = [];
    let last = 0;
    for (const day of bought.slice(0, random.between(1, VISITS_MAX))) {
      const start = startOfVisit(random, day, random.between(1, DAYS_BEFORE_MAX));
      visits.push(start);
      last = Math.max(last, browser.visit(start));
    }
    const at = last + random.between(5_000, 60_000);
    const login = { messageId: createMessageId(random), at };
    journeys.push({ customer, anonymousId: browser.anonymousId, visits, login });
    if (bought.length > showcase.purchases && bought.length <= SHOWCASE_PURCHASES_MAX) {
      showcase = { customer, purchases: bought.length };
    }
  }
  for (let stranger = 0; stranger < STRANGERS; stranger += 1) {
    const day = days[random.between(0, days.length - 1)] ?? '1997-01-01';
    new Browser(random, messages).visit(startOfVisit(random, day, 0));
  }
  return { messages, journeys, showcase: showcase.customer };
}
