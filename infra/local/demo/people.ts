import { CITIES, GIVEN_NAMES, SURNAMES, type City } from './names.ts';
import { createRandom, type Random } from './random.ts';

/** Which systems know a person besides the till and the web site. */
export interface KnownTo {
  readonly crm: boolean;
  readonly newsletter: boolean;
  readonly calls: boolean;
  readonly tickets: boolean;
  readonly leads: boolean;
  readonly messenger: boolean;
}

/** A made-up person, with the ids that each system gives. */
export interface Person {
  /** The loyalty number of a customer; a prospect has none. */
  readonly customer?: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly email: string;
  /** E.164. Unique, but for households that share one. */
  readonly phone: string;
  readonly home: City;
  readonly crmId: string;
  /** The address as it was typed into the CRM. */
  readonly crmEmail: string;
  readonly contactId: string;
  /** What Messenger calls the person to the shop's page. */
  readonly socialId: string;
  readonly knownTo: KnownTo;
}

const SEED = 19_970_412;
/**
 * Of the people who log in to the web site. Calls and tickets are of two vendors and come by one source: as few of each
 * that fields which only one of them has are not taken for new or vanished ones.
 */
const SHARES = { crm: 0.75, newsletter: 0.65, calls: 0.13, tickets: 0.08, leads: 0.2, messenger: 0.1 };
/** Of the people who asked for something and never bought. */
const PROSPECT_SHARES = { crm: 0.6, newsletter: 0.7 };
const EVERYWHERE: KnownTo = {
  ...{ crm: true, newsletter: true, calls: true, tickets: true, leads: true, messenger: true },
};
/** Every so many people, one lives with the one before: same surname, city and telephone. */
const HOUSEHOLD_EVERY = 300;
const TYPO_SHARE = 0.01;
/** In each area code, 555-0100 to 555-0199 are nobody's: set aside for fiction. */
const LINES_OF_AREA = 100;

const FIRST_CRM_ID = 7_014_200;
const FIRST_CONTACT_ID = 360_900_417_000;
const SOCIAL_ID_DIGITS = 9;

interface FullName {
  readonly firstName: string;
  readonly lastName: string;
}

/** Hands out names and telephone numbers, each once: two people of one name would be taken for one, and rightly. */
class Register {
  readonly #names = new Set<string>();
  readonly #lines = new Map<string, number>();

  name(random: Random, surname: string | undefined): FullName {
    for (;;) {
      const name = { firstName: random.pick(GIVEN_NAMES), lastName: surname ?? random.pick(SURNAMES) };
      const address = addressOf(name);
      if (this.#names.has(address)) continue;
      this.#names.add(address);
      return name;
    }
  }

  phone({ area }: City): string {
    const line = this.#lines.get(area) ?? 0;
    if (line >= LINES_OF_AREA) throw new Error(`Area code ${area} has no numbers left; add cities.`);
    this.#lines.set(area, line + 1);
    return `+1${area}55501${String(line).padStart(2, '0')}`;
  }
}

function addressOf({ firstName, lastName }: FullName): string {
  return `${firstName}.${lastName}@example.com`.toLowerCase();
}

/** One letter of the name twice, as happens on the telephone. */
function mistyped(random: Random, email: string): string {
  const at = random.between(1, email.indexOf('.') - 1);
  return email.slice(0, at) + email.charAt(at) + email.slice(at);
}

function knownTo(random: Random): KnownTo {
  const crm = random.chance(SHARES.crm);
  const leads = random.chance(SHARES.leads);
  return {
    crm,
    leads,
    newsletter: random.chance(SHARES.newsletter),
    // A call is known by its number: somebody must have told it.
    calls: random.chance(SHARES.calls) && (crm || leads),
    tickets: random.chance(SHARES.tickets),
    messenger: random.chance(SHARES.messenger),
  };
}

function prospectKnownTo(random: Random): KnownTo {
  const crm = random.chance(PROSPECT_SHARES.crm);
  const newsletter = random.chance(PROSPECT_SHARES.newsletter);
  return { crm, newsletter, calls: false, tickets: false, leads: true, messenger: false };
}

/** Makes people one after the other. */
class Census {
  readonly people: Person[] = [];
  readonly #random = createRandom(SEED);
  readonly #register = new Register();

  add(customer: string | undefined, known: KnownTo | undefined): void {
    const random = this.#random;
    const count = this.people.length;
    const before = count % HOUSEHOLD_EVERY === HOUSEHOLD_EVERY - 1 ? this.people[count - 1] : undefined;
    const name = this.#register.name(random, before?.lastName);
    const home = before?.home ?? random.pick(CITIES);
    const email = addressOf(name);
    const where = customer === undefined ? prospectKnownTo(random) : knownTo(random);
    const isMistyped = random.chance(TYPO_SHARE) && known === undefined;
    this.people.push({
      ...(customer === undefined ? {} : { customer }),
      ...{ ...name, email, home },
      phone: before?.phone ?? this.#register.phone(home),
      crmId: String(FIRST_CRM_ID + count * 3),
      crmEmail: isMistyped ? mistyped(random, email) : email,
      contactId: String(FIRST_CONTACT_ID + count * 7),
      socialId: `24100337${String(count * 1_013).padStart(SOCIAL_ID_DIGITS, '0')}`,
      knownTo: known ?? (before === undefined ? where : { ...where, crm: true }),
    });
  }
}

/** The people behind these loyalty numbers, the showcase known to every system, and prospects who never bought. Pure. */
export function createPeople(customers: readonly string[], showcase: string, prospects: number): Person[] {
  const census = new Census();
  for (const customer of customers) census.add(customer, customer === showcase ? EVERYWHERE : undefined);
  for (let prospect = 0; prospect < prospects; prospect += 1) census.add(undefined, undefined);
  return census.people;
}
