import assert from 'node:assert/strict';
import { identify, track, word } from '../../support/segment.ts';
import type { Running } from './types.ts';

/** Joins that the default rules make by themselves. */
export function identityCases(platform: Running): void {
  it("makes an anonymous visit the person's at login", async () => {
    const [user, visitor] = [word('user'), word('visitor')];
    await platform().send([
      track('Product Viewed', { anonymousId: visitor }),
      track('Product Added', { anonymousId: visitor }),
    ]);
    await platform().drained();
    const before = await platform().profile(`anonymousId:${visitor}`);
    assert.equal(before.computed.events, 2);
    await platform().send([
      identify({
        anonymousId: visitor,
        userId: user,
        traits: { email: `${user}@example.com`, plan: 'gold' },
      }),
    ]);
    await platform().drained();
    const after = await platform().profile(`userId:${user}`);
    assert.equal(after.computed.events, 3);
    assert.equal(after.traits['plan'], 'gold');
    for (const address of [
      `anonymousId:${visitor}`,
      `email:${user.toUpperCase()}@EXAMPLE.com`,
      after.profileId,
    ])
      assert.equal((await platform().profile(address)).profileId, after.profileId, address.split(':')[0]);
    assert.deepEqual((await platform().timeline(`userId:${user}`)).map((event) => event.event).sort(), [
      'Identify',
      'Product Added',
      'Product Viewed',
    ]);
  });

  it('never joins two user ids, whatever they share', async () => {
    const [jane, john, device] = [word('jane'), word('john'), word('device')];
    await platform().send([
      track('Signed In', { userId: jane, anonymousId: device }),
      track('Signed In', { userId: john, anonymousId: device }),
    ]);
    await platform().drained();
    const one = await platform().profile(`userId:${jane}`);
    const other = await platform().profile(`userId:${john}`);
    assert.notEqual(one.profileId, other.profileId);
    assert.equal(one.computed.events, 1);
    assert.equal(other.computed.events, 1);
  });

  it('joins what two sources know of one person by e-mail', async () => {
    const name = word('buyer');
    await platform().send([identify({ userId: name, traits: { email: `${name}@example.com` } })], 'web');
    await platform().send(
      [
        track('Order Completed', {
          context: {
            externalIds: [{ id: `L-${name}`, type: 'loyaltyId', collection: 'users', encoding: 'none' }],
          },
          anonymousId: word('till'),
          properties: { revenue: 19.9, quantity: 2, currency: 'EUR' },
        }),
        identify({
          anonymousId: word('till'),
          traits: { email: `${name}@example.com` },
          context: {
            externalIds: [{ id: `L-${name}`, type: 'loyaltyId', collection: 'users', encoding: 'none' }],
          },
        }),
      ],
      'pos',
    );
    await platform().drained();
    const profile = await platform().profile(`loyaltyId:L-${name}`);
    assert.equal(profile.profileId, (await platform().profile(`userId:${name}`)).profileId);
    assert.equal(profile.computed.events, 3);
    assert.equal(profile.computed.byEvent['Order Completed']?.sums['revenue'], 19.9);
  });
}
