import { startPlatform, type Platform } from '../../test/support/platform.ts';
import { track, type Message } from '../../test/support/segment.ts';
import { storageTotals } from '../measure/counters.ts';
import type { Bench, Figure } from '../types.ts';

const UNITS = /\.write\.units$/;
const PROFILES = 20;
const EVENTS_PER_BATCH = 5;
const ROUNDS = 40;
const REQUEST_EVENTS = 400;

function batch(user: string, events: number): Message[] {
  return Array.from({ length: events }, (_, index) =>
    track(index % 2 === 0 ? 'Product Viewed' : 'Order Completed', {
      userId: user,
      properties: { sku: `G-${index % 60}`, category: 'Games', revenue: 18.99, quantity: 1, currency: 'EUR' },
      context: {
        page: { path: '/product/path', url: 'https://www.example.com/product/path' },
        locale: 'nl-BE',
      },
    }),
  );
}

/** Gives every profile a history of this many events, in few large batches. */
async function grow(platform: Platform, users: readonly string[], events: number): Promise<void> {
  for (const user of users)
    for (let left = events; left > 0; left -= REQUEST_EVENTS) {
      const answer = await platform.send(batch(user, Math.min(left, REQUEST_EVENTS)));
      if (answer.status !== 200) throw new Error(`answered ${answer.status}`);
    }
  await platform.drained(600_000);
}

async function unitsSoFar(platform: Platform): Promise<number> {
  const counters = Object.entries(await storageTotals(platform)).filter(([name]) => UNITS.test(name));
  if (counters.length === 0) throw new Error('/metrics shows no write units');
  return counters.reduce((sum, [, units]) => sum + units, 0);
}

/** Write units of rounds in which each profile gets one batch of five events. */
async function measure(platform: Platform, users: readonly string[]): Promise<number> {
  const before = await unitsSoFar(platform);
  for (let round = 0; round < ROUNDS; round += 1) {
    await platform.send(users.flatMap((user) => batch(user, EVENTS_PER_BATCH)));
    await platform.drained();
  }
  const events = users.length * EVENTS_PER_BATCH * ROUNDS;
  return (((await unitsSoFar(platform)) - before) * 1_000) / events;
}

/** Both storage sets count units by DynamoDB's rules; the embedded one reaches long histories sooner. What a write costs, and whether it grows with the history. */
export const writeUnits: Bench = {
  name: 'write-units',
  about: 'DynamoDB write units per 1,000 events, 5 events a profile a batch, by length of history',
  async run({ quick, note }) {
    const figures: Figure[] = [];
    const platform = await startPlatform();
    try {
      for (const history of quick ? [10, 1_000] : [10, 10_000]) {
        const users = Array.from({ length: PROFILES }, (_, index) => `h${history}-${index}`);
        note(`giving ${PROFILES} profiles ${history} events each`);
        await grow(platform, users, history);
        const units = await measure(platform, users);
        note(`${units.toFixed(0)} write units per 1,000 events`);
        const name = `profiles with ${history.toLocaleString('en')} events`;
        figures.push({ name, unit: 'WU/1,000', values: [units], target: { atMost: 2_500 } });
      }
      return figures;
    } finally {
      await platform.stop();
    }
  },
};
