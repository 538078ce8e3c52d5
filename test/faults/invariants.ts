import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Platform } from '../support/platform.ts';
import type { Load } from './load.ts';

const LAG_TIMEOUT_MS = 60_000;
const READERS = 8;
const LOG_TAIL_CHARS = 3_000;
const REFOLDED_PEOPLE = 25;

async function each<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = [...items];
  await Promise.all(
    Array.from({ length: READERS }, async () => {
      for (let item = queue.pop(); item !== undefined; item = queue.pop()) await work(item);
    }),
  );
}

/** Where every event was found: message id to the profiles that show it, once for each time. */
async function findAll(platform: Platform, people: readonly string[]): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>();
  await each(people, async (person) => {
    const profile = await platform.profile(`userId:${person}`);
    const events = await platform.timeline(`userId:${person}`);
    assert.equal(profile.computed.events, events.length, 'the fold counts what the timeline shows');
    for (const event of events) {
      const places = found.get(event.messageId) ?? [];
      places.push(profile.profileId);
      found.set(event.messageId, places);
    }
  });
  return found;
}

/**
 * Waits until nothing is pending, then checks from outside and against the client's journal: no loss, exactly once,
 * nothing invented, the same state when folded again, poison alone, and exact counts.
 * Expects that this load is all that the platform was ever sent.
 */
export async function assertInvariants(platform: Platform, load: Load): Promise<void> {
  const { journal, people } = load;
  assert.ok(journal.acknowledged.size > 100, 'a load that got nothing acknowledged proves nothing');
  const status = await platform.drained(LAG_TIMEOUT_MS);
  const found = await findAll(platform, people);
  const lost = [...journal.acknowledged].filter((id) => !found.has(id));
  assert.equal(lost.length, 0, `${lost.length} acknowledged events are in no profile, such as ${lost[0]}`);
  const twice = [...found].filter(([, places]) => places.length !== 1);
  assert.equal(twice.length, 0, `${twice.length} events show more than once, such as ${twice[0]?.join(' ')}`);
  const invented = [...found.keys()].filter((id) => !journal.sent.has(id));
  assert.equal(invented.length, 0, `${invented.length} events were never sent, such as ${invented[0]}`);
  const source = status.sources['web']!;
  assert.equal(source.received, source.stored + source.duplicates + source.quarantined);
  assert.equal(source.stored, found.size, 'stored items are the events that profiles show');
  assert.equal(status.events, found.size, 'canonical events stored are those that profiles show');
  assert.equal(status.profiles, people.length, 'one profile a person');
  assert.ok(source.received >= journal.answeredItems, 'every answered item was received');
  assert.ok(
    source.received <= journal.answeredItems + journal.unansweredItems,
    'no item was received unsent',
  );
  const held = await platform.list<{ messageId?: string }>('/v1/quarantine?source=web');
  const heldIds = new Set(held.map((entry) => entry.messageId));
  const missing = [...journal.poison].filter((id) => !heldIds.has(id));
  assert.equal(missing.length, 0, `${missing.length} poison items are not in quarantine`);
  assert.equal(source.quarantined, held.length, 'each quarantined item has its entry');
  await each(people.slice(0, REFOLDED_PEOPLE), async (person) => {
    const kept = await platform.profile(`userId:${person}`);
    const asOf = new Date(Date.now() + 86_400_000).toISOString();
    const folded = await platform.profile(`userId:${person}`, { asOf });
    assert.deepEqual(folded.computed, kept.computed, 'the log folded again gives the same counts');
    assert.deepEqual(folded.traits, kept.traits, 'the log folded again gives the same traits');
  });
}

/** One line about what a load met, for the test's output. */
export function summary(load: Load): string {
  const { journal } = load;
  const answers = [...journal.statuses].map(
    ([status, count]) => `${status === 0 ? 'broken' : status}: ${count}`,
  );
  return `${journal.acknowledged.size} acknowledged, ${journal.sent.size} sent, answers ${answers.join(', ')}`;
}

/** What the platform says of itself, for whoever looks into a failure. */
export async function diagnosis(platform: Platform): Promise<string> {
  const status = await platform.status().catch((error: unknown) => String(error));
  const logs = ['worker', 'gateway', 'temporal'].map((name) => {
    try {
      const log = readFileSync(join(platform.data, 'logs', `${name}.log`), 'utf8');
      return `${name}: ${log.slice(-LOG_TAIL_CHARS)}`;
    } catch {
      return `${name}: no log`;
    }
  });
  return [JSON.stringify(status), platform.output(), ...logs].join('\n');
}
