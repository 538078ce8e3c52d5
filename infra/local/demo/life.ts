import type { Person } from './people.ts';
import { createRandom } from './random.ts';
import type { PurchaseDays } from './receipts.ts';
import type { Journey } from './visits.ts';

/** What the other systems' records hang on: when a person asked, looked, logged in and bought. Milliseconds since 1970. */
export interface Life {
  readonly person: Person;
  /** When the form of an advertisement was sent, where one was. */
  readonly leadAt?: number;
  /** Starts of visits to the web site. */
  readonly visits: readonly number[];
  readonly loginAt?: number;
  /** Starts of the days with a purchase, in order. */
  readonly days: readonly number[];
}

const SEED = 19_970_404;
const DAY_MS = 86_400_000;
/** The first purchases of the sample, and the last. */
const FIRST_DAY = Date.parse('1997-01-01T00:00:00Z');
const LAST_DAY = Date.parse('1998-06-30T00:00:00Z');

/** People with the times of their lives; `journeys` are of the customers among them, in their order. Pure. */
export function createLives(
  people: readonly Person[],
  journeys: readonly Journey[],
  purchases: PurchaseDays,
): Life[] {
  const random = createRandom(SEED);
  const timeOfDay = () => random.between(8 * 3600, 22 * 3600) * 1_000;
  return people.map((person, index): Life => {
    const journey = journeys[index];
    const days = (purchases.get(person.customer ?? '') ?? []).map((day) => Date.parse(`${day}T00:00:00Z`));
    const [first] = days;
    // People ask before they buy; who never bought asked at any time.
    const asked =
      first === undefined
        ? random.between(FIRST_DAY / DAY_MS, LAST_DAY / DAY_MS) * DAY_MS
        : first - random.between(10, 40) * DAY_MS;
    const leadAt = asked + timeOfDay();
    return {
      person,
      ...(person.knownTo.leads ? { leadAt } : {}),
      visits: journey?.visits ?? [],
      ...(journey === undefined ? {} : { loginAt: journey.login.at }),
      days,
    };
  });
}
