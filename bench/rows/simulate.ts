import { setTimeout as delay } from 'node:timers/promises';
import { startPlatform, type Platform } from '../../test/support/platform.ts';
import { identify, track } from '../../test/support/segment.ts';
import { runLoad } from '../load/run.ts';
import type { Bench } from '../types.ts';

const EVENTS = 1_000_000;
const EVENTS_PER_PERSON = 10;
const RATE = 500;
const POLL_MS = 100;
/** Live ingest goes on this long at least, before the simulation and in all, in seconds. */
const SETTLE_SECONDS = 3;
const LIVE_SECONDS = { quick: 30, full: 300 };
const DRAIN_MS = 600_000;
const PER_REQUEST = 100;
/** Requests under way at a time while history is filled in, and events after which it waits until they are stored. */
const SENDERS = 8;
const EVENTS_PER_DRAIN = 50_000;
/** One person in so many has the address of the one before. */
const SHARED_ADDRESS_EVERY = 20;

interface Simulated {
  readonly status: string;
  readonly error?: string | null;
  readonly report: { readonly pieces: number; readonly profiles: { readonly before: number } } | null;
}

/** The n-th event of a history: people in turn, each with an address and, visit by visit, one of three devices. */
function eventOf(n: number, users: number): object {
  const person = n % users;
  const visit = Math.floor(n / users);
  const sharing = person % SHARED_ADDRESS_EVERY === 1 ? person - 1 : person;
  const who = { userId: `s${String(person)}`, anonymousId: `s${String(person)}-${String(visit % 3)}` };
  return visit === 0
    ? identify({ ...who, traits: { email: `s${String(sharing)}@example.com` } })
    : track('Product Viewed', who);
}

async function fill(platform: Platform, events: number, users: number): Promise<void> {
  for (let stored = 0; stored < events; stored += EVENTS_PER_DRAIN) {
    const until = Math.min(events, stored + EVENTS_PER_DRAIN);
    let next = stored;
    const sender = async (): Promise<void> => {
      while (next < until) {
        const from = next;
        next += PER_REQUEST;
        const answer = await platform.send(
          Array.from({ length: PER_REQUEST }, (_, n) => eventOf(from + n, users)),
        );
        if (answer.status !== 200) throw new Error(`history was answered ${String(answer.status)}`);
      }
    };
    await Promise.all(Array.from({ length: SENDERS }, sender));
    await platform.drained(DRAIN_MS);
  }
}

/** Tries tighter rules on all history; answers how long that took, in seconds, and the end of it. */
async function simulated(platform: Platform): Promise<{ seconds: number; run: Simulated }> {
  const began = performance.now();
  const begun = await platform.api<{ simulationId: string }>('/v1/identity/simulations', {
    method: 'POST',
    body: { limits: { anonymousId: 1, '*': 2 }, junk: { after: 20 } },
  });
  if (begun.status !== 202) throw new Error(`the simulation was answered ${String(begun.status)}`);
  for (;;) {
    const { body: run } = await platform.api<Simulated>(
      `/v1/identity/simulations/${begun.body.simulationId}`,
    );
    if (run.status === 'failed') throw new Error(`the simulation failed: ${String(run.error)}`);
    if (run.status !== 'simulating') return { seconds: (performance.now() - began) / 1_000, run };
    await delay(POLL_MS);
  }
}

/** Rules tried on all history while events come in. */
export const simulate: Bench = {
  name: 'simulate',
  about: `rules tried on ${EVENTS.toLocaleString('en')} events of ${(EVENTS / EVENTS_PER_PERSON).toLocaleString('en')} people, beside ${String(RATE)} events/s`,
  async run({ quick, runs, note }) {
    const events = quick ? EVENTS / 10 : EVENTS;
    const users = events / EVENTS_PER_PERSON;
    const platform = await startPlatform();
    try {
      await fill(platform, events, users);
      note(`${String(events)} events of ${String(users)} people are in`);
      const live = runLoad({
        ...{ host: '127.0.0.1', port: platform.port, writeKey: platform.tokens.writeKeys['web'] ?? '' },
        ...{ connections: 8, perRequest: 10, rate: RATE, warmupSeconds: 0, users, session: 5 },
        seconds: quick ? LIVE_SECONDS.quick : LIVE_SECONDS.full,
      });
      await delay(SETTLE_SECONDS * 1_000);
      const took: number[] = [];
      for (let run = 0; run < runs; run += 1) {
        const { seconds, run: done } = await simulated(platform);
        took.push(seconds);
        note(
          `${seconds.toFixed(1)} s: ${String(done.report?.pieces)} pieces in ${String(done.report?.profiles.before)} profiles`,
        );
      }
      const result = await live;
      return [
        { name: 'simulated', unit: 's', values: took, target: { atMost: quick ? 6 : 60 } },
        { name: 'live meanwhile', unit: 'events/s', values: [result.eventsPerSecond] },
        { name: 'live accepted, p99', unit: 'ms', values: [result.p99] },
      ];
    } finally {
      await platform.stop();
    }
  },
};
