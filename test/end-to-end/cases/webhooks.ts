import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SECRET, SIGN } from '../../client/gateway/webhooks/signing.ts';
import { track, word } from '../../support/segment.ts';
import type { Running } from './types.ts';

/** A shop's own mapping: buyers are known by their membership, a type of identifiers that is the tenant's own. */
const MEMBERS = {
  name: 'shop-members',
  description: 'Orders of members.',
  kind: 'rules',
  rules: [
    {
      name: 'order',
      type: 'track',
      event: { const: 'Order Completed' },
      messageId: { template: 'order-${$.id}', required: true },
      timestamp: { path: '$.created_at', as: 'datetime', required: true },
      identifiers: { membershipId: { path: '$.member' }, email: { path: '$.email' } },
      properties: { revenue: { path: '$.total_price', as: 'decimal', required: true } },
    },
  ],
};

/** Webhooks of a vendor under a tenant's own mapping and type of identifiers. */
export function webhookCases(platform: Running): void {
  const name = word('shop').toLowerCase();
  const post = async (order: object, secret?: string): Promise<number> => {
    const { body, headers } = SIGN.shopify(JSON.stringify(order), new Date(), secret);
    return (await platform().post(`/v1/webhooks/${name}`, body, headers)).status;
  };

  it('become events of a person known by an identifier type of the tenant’s own', async () => {
    const file = join(platform().data, `${name}.json`);
    writeFileSync(file, JSON.stringify(MEMBERS));
    assert.equal((await platform().cli('mapping', 'create', file)).code, 0);
    rmSync(file);
    const own = ['--vendor', 'shopify', '--secret', SECRET, '--mapping', 'shop-members'];
    const added = await platform().cli('source', 'add', name, ...own);
    assert.equal(added.code, 0, added.stderr);
    const member = word('M');
    const email = `${word('buyer')}@example.org`.toLowerCase();
    const order = { id: 1, member, email, created_at: '2026-01-02T03:04:05Z', total_price: '19.90' };
    assert.equal(await post(order), 200);
    const web = { context: { externalIds: [{ type: 'membershipId', id: member, collection: 'users' }] } };
    await platform().send([track('Card Shown', { userId: word('u'), ...web })]);
    await platform().drained();
    const events = await platform().timeline(`membershipId:${member}`);
    assert.deepEqual(events.map(({ event }) => event).sort(), ['Card Shown', 'Order Completed']);
    assert.equal((await platform().timeline(`email:${email}`)).length, 2, 'the same person');
  });

  it('are refused with a wrong signature or replayed, counted in health, and store nothing', async () => {
    const order = { id: 2, member: word('M'), created_at: '2026-01-02T03:04:05Z', total_price: '1' };
    assert.equal(await post(order, 'another-secret'), 401);
    assert.equal(await post(order), 200);
    const before = await platform().drained();
    assert.equal(await post(order), 401);
    const after = await platform().drained();
    assert.equal(after.events, before.events);
    assert.equal(after.sources[name]?.received, before.sources[name]?.received);
    const shown = await platform().cli('source', 'health', name);
    assert.match(
      shown.stdout,
      /webhooks refused +(?:1 wrong-signature, 1 replayed|1 replayed, 1 wrong-signature)/,
    );
  });

  it('wait in quarantine with the path where a field is missing, and count under their source', async () => {
    assert.equal(await post({ id: 3, member: word('M'), created_at: '2026-01-02T03:04:05Z' }), 200);
    const { sources } = await platform().drained();
    assert.equal(sources[name]?.quarantined, 1);
    const listed = await platform().cli('quarantine', 'list', '--source', name, '--json');
    assert.match(listed.stdout, /\$\.total_price/);
  });
}
