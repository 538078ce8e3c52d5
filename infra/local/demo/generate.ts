import { generateCalls, type ContactRecord } from './calls.ts';
import { generateContacts } from './contacts.ts';
import { generateEmails, type EmailEvent } from './emails.ts';
import { generateLeads, type Lead } from './leads.ts';
import { createLives } from './life.ts';
import { kioskLogins, loginOf } from './logins.ts';
import { generateMessages, type PageMessage } from './messages.ts';
import { createPeople, type Person } from './people.ts';
import { purchaseDays } from './receipts.ts';
import { generateTickets, type TicketEvent } from './tickets.ts';
import { generateVisits, type WebMessage } from './visits.ts';

/** People who answered an advertisement and never bought. */
const PROSPECTS = 120;

/** Everything that is made up around the receipts, each in its vendor's own shape, in order of time. */
export interface DemoData {
  /** Customers who were on the web site, then prospects. */
  readonly people: readonly Person[];
  /** Segment messages. */
  readonly web: readonly WebMessage[];
  /** Lines of CSV as HubSpot exports contacts, the header first. */
  readonly contacts: readonly string[];
  readonly emails: readonly EmailEvent[];
  readonly calls: readonly ContactRecord[];
  readonly tickets: readonly TicketEvent[];
  readonly leads: readonly Lead[];
  readonly messages: readonly PageMessage[];
  /** A customer known to all of these, by every type of identifier. */
  readonly showcase: { readonly person: Person; readonly anonymousId: string };
}

/** The demo's data for these receipts. Pure: the same receipts give the same data. */
export function generateDemo(receipts: string): DemoData {
  const purchases = purchaseDays(receipts);
  const { messages: visits, journeys, showcase } = generateVisits(purchases);
  const people = createPeople(
    journeys.map(({ customer }) => customer),
    showcase,
    PROSPECTS,
  );
  const customers = people.slice(0, journeys.length);
  const logins = journeys.flatMap((journey, index) => {
    const person = customers[index];
    return person === undefined ? [] : [loginOf(person, journey)];
  });
  const web = [...visits, ...logins, ...kioskLogins(customers, purchases)].sort(
    (a, b) => a.timestamp.localeCompare(b.timestamp) || a.messageId.localeCompare(b.messageId),
  );
  const lives = createLives(people, journeys, purchases);
  return {
    people,
    web,
    contacts: generateContacts(lives),
    emails: generateEmails(lives, showcase),
    calls: generateCalls(lives),
    tickets: generateTickets(lives),
    leads: generateLeads(lives),
    messages: generateMessages(lives),
    showcase: showcaseOf(showcase, people, journeys),
  };
}

function showcaseOf(
  customer: string,
  people: readonly Person[],
  journeys: readonly { readonly customer: string; readonly anonymousId: string }[],
): DemoData['showcase'] {
  const person = people.find((one) => one.customer === customer);
  const journey = journeys.find((one) => one.customer === customer);
  if (person === undefined || journey === undefined)
    throw new Error('The receipts have no customer to show.');
  return { person, anonymousId: journey.anonymousId };
}
