import type { Person } from './people.ts';
import { createRandom } from './random.ts';
import type { PurchaseDays } from './receipts.ts';
import { GENERATED_CONTEXT, type Journey, type WebMessage } from './visits.ts';

const SEED = 19_970_402;
/** Customers who log in on the screen in the shop, which has one browser for all. */
const AT_KIOSK = 6;
/** From which customer on, so that they are none of the first that somebody looks at. */
const KIOSK_FROM = 200;

/** The login by which a browser's person is known as this customer. */
export function loginOf(
  person: Person,
  { anonymousId, login }: Pick<Journey, 'anonymousId' | 'login'>,
): WebMessage {
  const { customer = '', email, firstName, lastName } = person;
  const external = (id: string, type: string) => ({ id, type, collection: 'users', encoding: 'none' });
  return {
    type: 'identify',
    messageId: login.messageId,
    timestamp: new Date(login.at).toISOString(),
    anonymousId,
    userId: `user-${customer}`,
    traits: { email, firstName, lastName },
    context: {
      ...GENERATED_CONTEXT,
      externalIds: [
        external(customer, 'loyaltyId'),
        // Messenger's account linking tells the site's login page who the sender of its messages is.
        ...(person.knownTo.messenger ? [external(person.socialId, 'socialId')] : []),
      ],
    },
  };
}

/** Logins of several customers in one browser that is nobody's own, each on a day of a purchase. Pure. */
export function kioskLogins(customers: readonly Person[], purchases: PurchaseDays): WebMessage[] {
  const random = createRandom(SEED);
  const anonymousId = random.uuid();
  return customers.slice(KIOSK_FROM, KIOSK_FROM + AT_KIOSK).map((person) => {
    const day = purchases.get(person.customer ?? '')?.[0] ?? '1997-01-01';
    const at = Date.parse(`${day}T00:00:00Z`) + random.between(10 * 3600, 18 * 3600) * 1_000;
    return loginOf(person, { anonymousId, login: { messageId: `demo-${random.uuid()}`, at } });
  });
}
