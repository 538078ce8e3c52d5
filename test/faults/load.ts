import { setTimeout as delay } from 'node:timers/promises';
import type { Platform } from '../support/platform.ts';
import { between, pick, seeded, type Random } from '../support/random.ts';
import { identify, track, type Message } from '../support/segment.ts';
import { emptyJournal, type Journal } from './journal.ts';

const SENDERS = 4;
const BATCH_ITEMS_MAX = 40;
const RETRY_DELAY_MS = 250;
const RETRIES_MAX = 200;

/** What a load looks like. */
export interface LoadOptions {
  readonly seed: number;
  readonly people: number;
  /** Pause of each sender between requests, in milliseconds. */
  readonly pauseMs?: number;
}

/** A load that runs until it is told to stop. */
export interface Load {
  readonly journal: Journal;
  readonly people: readonly string[];
  /** Ends the load and then names every person once, so that all of their events can be found by user id. */
  finish(): Promise<void>;
}

function message(random: Random, person: string): Message {
  const anonymous = `anon-${person}`;
  const kind = random();
  if (kind < 0.3) return track('Product Viewed', { anonymousId: anonymous, properties: { price: 1.5 } });
  if (kind < 0.4)
    return identify({ userId: person, anonymousId: anonymous, traits: { seen: Math.floor(kind * 1e9) } });
  return track('Order Completed', { userId: person, properties: { revenue: 0.1, quantity: 1 } });
}

/** One request: sends, and again with chance or on demand, until it is answered; writes the journal. */
async function deliver(
  platform: () => Platform,
  journal: Journal,
  batch: readonly Message[],
  retry: () => boolean,
): Promise<boolean> {
  for (const item of batch) if (item['poison'] !== true) journal.sent.add(item.messageId);
  for (let attempt = 0; attempt < RETRIES_MAX; attempt += 1) {
    let status = 0;
    try {
      const answer = await platform().send(batch);
      status = answer.status;
      if (status === 200) {
        journal.answeredItems += batch.length;
        const held = new Set(answer.body.quarantined.map((entry) => entry.index));
        batch.forEach((item, index) => {
          if (item['poison'] === true) journal.poison.add(item.messageId);
          else if (held.has(index))
            throw new Error(`a good event was refused: ${JSON.stringify(answer.body)}`);
          else journal.acknowledged.add(item.messageId);
        });
      }
    } catch (error) {
      if (error instanceof Error && error.message.startsWith('a good event')) throw error;
    }
    journal.statuses.set(status, (journal.statuses.get(status) ?? 0) + 1);
    if (status === 200) return true;
    journal.unansweredItems += batch.length;
    if (!retry()) return false;
    await delay(RETRY_DELAY_MS);
  }
  throw new Error(`a batch was sent ${RETRIES_MAX} times and never acknowledged`);
}

/** Starts senders that write down what they see. The platform is asked for each time, as it may be another by then. */
export function startLoad(platform: () => Platform, options: LoadOptions): Load {
  const journal = emptyJournal();
  const people = Array.from({ length: options.people }, (_, index) => `s${options.seed}-p${index}`);
  let stopping = false;
  const sender = async (number: number): Promise<void> => {
    const random = seeded(options.seed * 31 + number);
    let last: Message[] = [];
    while (!stopping) {
      const again = last.length > 0 && random() < 0.05;
      const batch = again
        ? last
        : Array.from({ length: between(random, 1, BATCH_ITEMS_MAX) }, () =>
            random() < 0.01 ? { ...track('Nobody'), poison: true } : message(random, pick(random, people)),
          );
      const retry = random() < 0.5;
      const answered = await deliver(platform, journal, batch, () => retry && !stopping);
      last = answered ? batch : [];
      await delay(options.pauseMs ?? 5);
    }
  };
  const senders = Promise.all(Array.from({ length: SENDERS }, (_, number) => sender(number)));
  const failed = senders.then(
    () => undefined,
    (error: unknown) => error,
  );
  return {
    journal,
    people,
    async finish() {
      stopping = true;
      const error = await failed;
      if (error !== undefined) throw error instanceof Error ? error : new Error('a sender failed');
      for (let start = 0; start < people.length; start += BATCH_ITEMS_MAX) {
        const batch = people
          .slice(start, start + BATCH_ITEMS_MAX)
          .map((person) => identify({ userId: person, anonymousId: `anon-${person}` }));
        await deliver(platform, journal, batch, () => true);
      }
    },
  };
}
