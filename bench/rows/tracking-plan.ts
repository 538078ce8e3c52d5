import { startPlatform, type Platform } from '../../test/support/platform.ts';
import { runLoad } from '../load/run.ts';
import { cpuPerEvent, cpuSeconds } from '../measure/processes.ts';
import type { Bench } from '../types.ts';

const EVENTS_OF_PLAN = 200;
/** The names that the load generator sends; the plan's other rules are there to be looked past. */
const SENT = ['Product Viewed', 'Product Added', 'Cart Viewed', 'Checkout Started', 'Order Completed'];
const USERS = 2_000;
const EVENTS = 40_000;
const QUICK_EVENTS = 10_000;
/** Share of the spine's CPU that a plan may cost, in percent. */
const COST_MAX = 10;

const text = { type: 'string', maxLength: 500 };
const SCHEMA = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  type: 'object',
  required: ['userId', 'properties'],
  properties: {
    properties: {
      type: 'object',
      required: ['product_id', 'price', 'quantity', 'currency'],
      properties: {
        ...{
          product_id: text,
          sku: { ...text, pattern: '^[A-Z]-\\d+$' },
          category: text,
          name: text,
          brand: text,
        },
        ...{
          variant: text,
          url: { ...text, format: 'uri' },
          currency: { enum: ['CHF', 'EUR', 'GBP', 'USD'] },
        },
        price: { type: 'number', minimum: 0 },
        revenue: { type: 'number', minimum: 0 },
        quantity: { type: 'integer', minimum: 1 },
      },
    },
  },
};

/** Stores the plan, for the source or for none. */
async function setPlan(platform: Platform, isOn: boolean): Promise<void> {
  const names = [...SENT, ...Array.from({ length: EVENTS_OF_PLAN - SENT.length }, (_, n) => `Event ${n}`)];
  const body = {
    name: 'bench',
    mode: 'quarantine',
    unplanned: 'quarantine',
    sources: isOn ? ['web'] : [],
    rules: names.map((event) => ({ event, schema: SCHEMA })),
  };
  const answer = await platform.api('/v1/tracking-plans', { method: 'POST', body });
  if (answer.status !== 201) throw new Error(`the plan was answered ${answer.status}`);
  // What reads the plan caches it for a second.
  await new Promise((resolve) => setTimeout(resolve, 1_500));
}

/** Sends events as fast as they are taken; answers events a second until all are readable, and CPU an event. */
async function measure(platform: Platform, events: number): Promise<{ rate: number; cpu: number }> {
  const before = (await platform.drained()).events;
  const cpu = cpuSeconds(platform);
  const began = performance.now();
  await runLoad({
    ...{ host: '127.0.0.1', port: platform.port, writeKey: platform.tokens.writeKeys['web'] ?? '' },
    ...{ connections: 8, perRequest: 100, warmupSeconds: 0, seconds: 0, events, users: USERS, session: 5 },
    ...{ maxPending: 16_000, adminToken: platform.tokens.adminToken },
  });
  const stored = (await platform.drained(600_000)).events - before;
  if (stored !== events) throw new Error(`${stored} of ${events} events kept to the plan`);
  const seconds = (performance.now() - began) / 1_000;
  return { rate: stored / seconds, cpu: cpuPerEvent(cpu, cpuSeconds(platform), stored).ours };
}

/** What judging every event by a plan of 200 events costs, with and without it by turns. */
export const trackingPlan: Bench = {
  name: 'tracking-plan',
  about: 'events accepted, folded and readable, with and without a tracking plan of 200 events by turns',
  async run({ quick, runs, note }) {
    const platform = await startPlatform();
    const without: { rate: number; cpu: number }[] = [];
    const with200: { rate: number; cpu: number }[] = [];
    try {
      const events = quick ? QUICK_EVENTS : EVENTS;
      note('warming up');
      await measure(platform, events);
      for (let turn = 0; turn < Math.max(runs, 2); turn += 1) {
        const order = [
          [false, without],
          [true, with200],
        ] as const;
        // Whichever comes second has longer histories to append to.
        for (const [isOn, figures] of turn % 2 === 0 ? order : order.toReversed()) {
          await setPlan(platform, isOn);
          figures.push(await measure(platform, events));
        }
        note(`turn ${turn + 1}`);
      }
    } finally {
      await platform.stop();
    }
    const cost = with200.map(({ cpu }, turn) => (cpu / (without[turn]?.cpu ?? cpu) - 1) * 100);
    return [
      { name: 'without a plan', unit: 'events/s', values: without.map(({ rate }) => rate) },
      { name: 'with a plan', unit: 'events/s', values: with200.map(({ rate }) => rate) },
      { name: 'without a plan, CPU', unit: 'µs/event', values: without.map(({ cpu }) => cpu) },
      { name: 'with a plan, CPU', unit: 'µs/event', values: with200.map(({ cpu }) => cpu) },
      { name: 'the plan costs', unit: '% of CPU', values: cost, target: { atMost: COST_MAX } },
    ];
  },
};
