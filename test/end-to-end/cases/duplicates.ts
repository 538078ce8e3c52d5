import assert from 'node:assert/strict';
import { track, word } from '../../support/segment.ts';
import type { Running } from './types.ts';

interface Held {
  readonly id: string;
  readonly messageId?: string;
  readonly status: string;
  readonly reason: { readonly code: string; readonly detail: string };
}

/** Exactly once in effect, and nothing lost that could not be taken. */
export function duplicateCases(platform: Running): void {
  it('counts and drops what was sent before, in one request or in several', async () => {
    const user = word('u');
    const messages = Array.from({ length: 40 }, () => track('Seen', { userId: user }));
    await platform().send(messages);
    await platform().drained();
    const before = await platform().status();
    const profile = await platform().profile(`userId:${user}`);
    await platform().send(messages);
    await platform().send([...messages.slice(0, 10), ...messages.slice(0, 10)]);
    const after = await platform().drained();
    assert.equal(after.sources['web']!.duplicates - before.sources['web']!.duplicates, 60);
    assert.equal(after.events, before.events);
    assert.equal(after.profiles, before.profiles);
    assert.deepEqual(await platform().profile(`userId:${user}`), profile);
  });

  it('takes the same message id of another source as another message', async () => {
    const message = track('Seen', { userId: word('u') });
    await platform().send([message], 'web');
    await platform().send([message], 'email');
    await platform().drained();
    assert.equal((await platform().timeline(`userId:${String(message['userId'])}`)).length, 2);
  });

  it('puts a message id with other content in quarantine, and releases it corrected', async () => {
    const user = word('u');
    const first = track('Paid', { userId: user, properties: { revenue: 1 } });
    await platform().send([first]);
    await platform().drained();
    await platform().send([{ ...first, properties: { revenue: 2 } }]);
    await platform().drained();
    assert.equal((await platform().timeline(`userId:${user}`)).length, 1);
    const held = (await platform().list<Held>('/v1/quarantine?source=web')).find(
      (entry) => entry.messageId === first.messageId,
    );
    assert.equal(held?.reason.code, 'message-conflict');
    assert.ok(held.reason.detail.length > 0);
    const released = await platform().api(`/v1/quarantine/${held.id}/release`, {
      method: 'POST',
      body: { replacement: { ...first, messageId: word('corrected'), properties: { revenue: 2 } } },
    });
    assert.ok(released.status < 300, JSON.stringify(released.body));
    await platform().drained();
    const profile = await platform().profile(`userId:${user}`);
    assert.equal(profile.computed.byEvent['Paid']?.sums['revenue'], 3);
    const again = await platform().list<Held>('/v1/quarantine?source=web&status=held');
    assert.ok(!again.some((entry) => entry.id === held.id), 'it is no longer held');
  });

  it('applies the neighbours of a poison message', async () => {
    const user = word('u');
    const answer = await platform().send([
      track('Good', { userId: user }),
      { type: 'track', event: 'Nobody', messageId: word('nobody') },
      track('Good', { userId: user }),
    ]);
    assert.equal(answer.status, 200);
    assert.equal(answer.body.accepted, 2);
    assert.deepEqual(
      answer.body.quarantined.map((entry) => entry.index),
      [1],
    );
    await platform().drained();
    assert.equal((await platform().timeline(`userId:${user}`)).length, 2);
  });
}
