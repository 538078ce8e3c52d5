import type { Life } from './life.ts';
import type { Person } from './people.ts';
import { createRandom, type Random } from './random.ts';

/** One event of a Zendesk webhook. */
export type TicketEvent = Record<string, unknown> & { readonly time: string };

const SEED = 19_970_407;
const DAY_MS = 86_400_000;
const ACCOUNT = 12_514_403;
const FIRST_TICKET = 4_100;
const SUBJECTS = [
  'Where is my order?',
  'A record came scratched',
  'Change of address',
  'Invoice wanted',
] as const;

/** Writes the events of one account. */
class Desk {
  readonly events: TicketEvent[] = [];
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  tell(type: string, subject: string, at: number, detail: object, event: object = {}): void {
    this.events.push({
      type: `zen:event-type:${type}`,
      account_id: ACCOUNT,
      id: this.#random.uuid(),
      time: `${new Date(at).toISOString().slice(0, 19)}Z`,
      zendesk_event_version: '2022-11-06',
      subject: `zen:${subject}`,
      detail,
      event,
    });
  }
}

function userOf({ contactId, email, firstName, lastName }: Person, at: number): object {
  const time = new Date(at).toISOString();
  return {
    id: contactId,
    email,
    name: `${firstName} ${lastName}`,
    role: 'end-user',
    external_id: `generated-${contactId}`,
    created_at: time,
    updated_at: time,
  };
}

function ticketOf(id: number, { contactId }: Person, subject: string, status: string): object {
  return {
    id: String(id),
    requester_id: contactId,
    submitter_id: contactId,
    actor_id: contactId,
    subject,
    status,
    priority: 'NORMAL',
    type: 'QUESTION',
    is_public: true,
    tags: ['generated'],
    via: { channel: 'email' },
  };
}

/** Tickets in the days after a purchase, as Zendesk's event webhooks tell of them and of who asked. In order of time. Pure. */
export function generateTickets(lives: readonly Life[]): TicketEvent[] {
  const random = createRandom(SEED);
  const desk = new Desk(random);
  let ticket = FIRST_TICKET;
  for (const { person, days } of lives) {
    const [first, ...others] = days;
    if (!person.knownTo.tickets || first === undefined) continue;
    ticket += random.between(1, 9);
    const day = random.pick([first, ...others]) + random.between(1, 10) * DAY_MS;
    const asked = day + random.between(8 * 3600, 22 * 3600) * 1_000;
    const solved = asked + random.between(3600, 3 * 24 * 3600) * 1_000;
    const subject = random.pick(SUBJECTS);
    desk.tell('user.created', `user:${person.contactId}`, asked - 1_000, userOf(person, asked - 1_000));
    desk.tell('ticket.created', `ticket:${ticket}`, asked, ticketOf(ticket, person, subject, 'OPEN'));
    const change = { current: 'SOLVED', previous: 'OPEN' };
    const solvedTicket = ticketOf(ticket, person, subject, 'SOLVED');
    desk.tell('ticket.status_changed', `ticket:${ticket}`, solved, solvedTicket, change);
  }
  return desk.events.sort((a, b) => a.time.localeCompare(b.time));
}
