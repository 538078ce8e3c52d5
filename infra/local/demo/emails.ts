import type { Life } from './life.ts';
import { createRandom, type Random } from './random.ts';

/** One event of SendGrid's event webhook. */
export type EmailEvent = Record<string, unknown> & { readonly timestamp: number };

const SEED = 19_970_405;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const MAILS_MAX = 2;
const OPENED_SHARE = 0.6;
const CLICKED_SHARE = 0.5;
const CAMPAIGNS = ['New releases', 'Records of the month', 'Back in stock'] as const;
const AGENT = 'Mozilla/4.0 (compatible; MSIE 4.01; Windows 95)';

/** Writes what becomes of one email, one event after the other in time. */
class Email {
  readonly #random: Random;
  readonly #out: EmailEvent[];
  readonly #shared: Record<string, unknown>;
  #at: number;

  constructor(random: Random, out: EmailEvent[], address: string, sentAt: number) {
    this.#random = random;
    this.#out = out;
    this.#at = sentAt;
    const campaign = random.pick(CAMPAIGNS);
    const message = random.uuid();
    this.#shared = {
      email: address,
      'smtp-id': `<${message}@music.example.com>`,
      sg_message_id: `${message}.recvd-generated-0`,
      category: [campaign, 'generated'],
      singlesend_name: campaign,
      singlesend_id: `generated-${campaign.toLowerCase().replaceAll(' ', '-')}`,
    };
  }

  get at(): number {
    return this.#at;
  }

  tell(event: string, delayMs: number, details: Record<string, unknown> = {}): void {
    this.#at += delayMs;
    this.#out.push({
      ...this.#shared,
      ...{ event, timestamp: Math.floor(this.#at / 1_000), sg_event_id: this.#random.uuid() },
      ...details,
    });
  }
}

/** When the newsletter went out to a person: some hours before visits, or in the weeks after the first question. */
function sentTimes({ visits, leadAt, days }: Life, random: Random): number[] {
  const before = visits
    .slice(0, MAILS_MAX)
    .map((visit) => visit - random.between(2 * 60, 20 * 60) * MINUTE_MS);
  if (before.length > 0) return before;
  return [(leadAt ?? days[0] ?? 0) + random.between(24, 14 * 24) * HOUR_MS];
}

function readEmail(email: Email, random: Random, visit: number | undefined, isRead: boolean): void {
  if (!isRead && !random.chance(OPENED_SHARE)) return;
  // Read before the visit that it led to.
  const left = visit === undefined ? 24 * HOUR_MS : visit - email.at;
  const machine = { useragent: AGENT, ip: `192.0.2.${random.between(1, 254)}` };
  email.tell(
    'open',
    random.between(5, Math.max(6, Math.floor((left * 0.8) / MINUTE_MS))) * MINUTE_MS,
    machine,
  );
  if (!isRead && !random.chance(CLICKED_SHARE)) return;
  const url = 'https://music.example.com/music/new-releases?utm_source=newsletter';
  email.tell('click', random.between(10, 120) * 1_000, { ...machine, url });
}

/** What became of the newsletter, as SendGrid's event webhook tells it; the showcase reads hers. In order of time. Pure. */
export function generateEmails(lives: readonly Life[], showcase: string): EmailEvent[] {
  const random = createRandom(SEED);
  const events: EmailEvent[] = [];
  for (const life of lives) {
    const { person, visits } = life;
    if (!person.knownTo.newsletter) continue;
    const address = person.knownTo.crm ? person.crmEmail : person.email;
    for (const [index, sentAt] of sentTimes(life, random).entries()) {
      const email = new Email(random, events, address, sentAt);
      email.tell('processed', 0);
      if (address !== person.email) {
        const reason = '550 5.1.1 The email account does not exist';
        email.tell('bounce', random.between(1, 5) * 1_000, { type: 'bounce', status: '5.1.1', reason });
        break;
      }
      email.tell('delivered', random.between(1, 20) * 1_000, { response: '250 OK' });
      readEmail(email, random, visits[index], person.customer === showcase);
    }
  }
  return events.sort((a, b) => a.timestamp - b.timestamp);
}
