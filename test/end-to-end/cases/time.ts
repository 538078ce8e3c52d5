import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { identify, track, word } from '../../support/segment.ts';
import type { Running } from './types.ts';

const DAY_MS = 86_400_000;

function ago(days: number): string {
  return new Date(Date.now() - days * DAY_MS).toISOString();
}

/** What disorder, lateness and questions about the past do to a profile. */
export function timeCases(platform: Running): void {
  it('gives the same profile for any order of arrival', async () => {
    const messages = (user: string): ReturnType<typeof track>[] => [
      identify({ userId: user, timestamp: ago(5), traits: { city: 'Ghent', tier: 'basic' } }),
      identify({ userId: user, timestamp: ago(3), traits: { city: 'Bruges' } }),
      track('Order Completed', { userId: user, timestamp: ago(4), properties: { revenue: 10.1 } }),
      track('Order Completed', { userId: user, timestamp: ago(2), properties: { revenue: 20.2 } }),
      identify({ userId: user, timestamp: ago(1), traits: { tier: 'gold' } }),
    ];
    const [forward, backward, single] = [word('u'), word('u'), word('u')];
    await platform().send(messages(forward));
    await platform().send(messages(backward).reverse());
    for (const index of [3, 0, 4, 2, 1]) {
      await platform().send([messages(single)[index]]);
      await platform().drained();
    }
    await platform().drained();
    const shape = async (user: string): Promise<unknown> => {
      const profile = await platform().profile(`userId:${user}`);
      const counter = profile.computed.byEvent['Order Completed'];
      return [profile.traits, counter?.count, counter?.sums, profile.computed.events];
    };
    const expected = [{ city: 'Bruges', tier: 'gold' }, 2, { revenue: 30.3 }, 5];
    for (const user of [forward, backward, single]) assert.deepEqual(await shape(user), expected);
  });

  it('answers what was true at a moment and what was known at a moment', async () => {
    const user = word('u');
    await platform().send([identify({ userId: user, timestamp: ago(2), traits: { city: 'Leuven' } })]);
    await platform().drained();
    await delay(20);
    const known = new Date().toISOString();
    await delay(20);
    await platform().send([
      identify({ userId: user, timestamp: ago(10), traits: { city: 'Aalst', first: true } }),
      identify({ userId: user, timestamp: ago(1), traits: { city: 'Mechelen' } }),
    ]);
    await platform().drained();
    const traits = async (query: Record<string, string>): Promise<unknown> =>
      (await platform().profile(`userId:${user}`, query)).traits;
    assert.deepEqual(await traits({}), { city: 'Mechelen', first: true });
    assert.deepEqual(await traits({ asOf: ago(5) }), { city: 'Aalst', first: true });
    assert.deepEqual(await traits({ asOf: ago(1.5) }), { city: 'Leuven', first: true });
    assert.deepEqual(await traits({ knownAt: known }), { city: 'Leuven' });
    assert.equal((await platform().timeline(`userId:${user}`, { knownAt: known })).length, 1);
  });

  it('corrects the clock of a sender that is a year off and never lets an event be in the future', async () => {
    const user = word('u');
    const yearAhead = Date.now() + 365 * DAY_MS;
    const answer = await platform().post(
      '/v1/batch',
      JSON.stringify({
        sentAt: new Date(yearAhead).toISOString(),
        batch: [track('Ahead', { userId: user, timestamp: new Date(yearAhead - 60_000).toISOString() })],
      }),
    );
    assert.equal(answer.status, 200);
    await platform().send([
      track('Far Ahead', { userId: user, timestamp: new Date(yearAhead).toISOString() }),
    ]);
    await platform().drained();
    const byName = new Map(
      (await platform().timeline(`userId:${user}`)).map((event) => [event.event, event]),
    );
    const minuteOff = Math.abs(Date.parse(byName.get('Ahead')?.timestamp ?? '') - (Date.now() - 60_000));
    assert.ok(minuteOff < 30_000, `corrected to ${byName.get('Ahead')?.timestamp}`);
    const far = byName.get('Far Ahead');
    assert.ok(far !== undefined && far.timestamp <= far.receivedAt, 'clamped to receipt');
  });

  it('pages a timeline newest first and filters it', async () => {
    const user = word('u');
    const batch = Array.from({ length: 25 }, (_, index) =>
      track(index % 5 === 0 ? 'Fifth' : 'Other', {
        userId: user,
        timestamp: new Date(Date.now() - index * 60_000).toISOString(),
      }),
    );
    await platform().send(batch);
    await platform().drained();
    type Page = { items: { messageId: string }[]; cursor: string | null };
    const path = `/v1/profiles/${encodeURIComponent(`userId:${user}`)}/events?limit=10`;
    const first = (await platform().api<Page>(path)).body;
    assert.deepEqual(
      first.items.map((event) => event.messageId),
      batch.slice(0, 10).map((message) => message.messageId),
    );
    const second = (await platform().api<Page>(`${path}&cursor=${first.cursor}`)).body;
    assert.equal(second.items[0]?.messageId, batch[10]?.messageId);
    assert.equal((await platform().timeline(`userId:${user}`, { event: 'Fifth' })).length, 5);
    assert.equal((await platform().timeline(`userId:${user}`, { source: 'pos' })).length, 0);
  });
}
