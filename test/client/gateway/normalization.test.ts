import assert from 'node:assert/strict';
import { startGateway } from './support.ts';
import type { Answer, Running } from './support.ts';

describe('normalization over the API', () => {
  let running: Running;
  before(async () => {
    running = await startGateway();
  });
  after(() => running.stop());

  const set = (body: unknown): Promise<Answer> => running.api('/v1/normalization', { method: 'POST', body });

  it('begins with the newest normalizer for a new tenant, which no later setting changes', async () => {
    const { body } = await running.api('/v1/normalization');
    assert.deepEqual(body, { version: 2, newest: 2, mailboxes: false, defaultCountry: null, countries: {} });
    const { normalization } = await running.store.registry.setConfig({ normalization: { version: 1 } });
    assert.equal(normalization?.version, 2);
  });

  it('keeps what a change leaves out', async () => {
    await set({ mailboxes: true, defaultCountry: 'CH' });
    const { body } = await set({ countries: { crm: 'DE', pos: 'FR' } });
    assert.deepEqual(body['countries'], { crm: 'DE', pos: 'FR' });
    assert.equal(body['mailboxes'], true);
    assert.equal(body['defaultCountry'], 'CH');
    assert.deepEqual((await set({ countries: { crm: null } })).body['countries'], { pos: 'FR' });
  });

  it('reads the phone numbers of a source by its country', async () => {
    await set({ defaultCountry: 'CH', countries: { pos: 'FR' } });
    const read = async (source: string): Promise<unknown> => {
      const item = { type: 'identify', userId: 'u', traits: { phone: '079 123 45 67' }, messageId: 'm' };
      const answer = await running.api('/v1/mappings/segment/dry-run', {
        method: 'POST',
        body: { items: [item], source },
      });
      return (answer.body['items'] as { events?: { identifiers: unknown }[] }[])[0]?.events?.[0]?.identifiers;
    };
    const user = { type: 'userId', value: 'u' };
    assert.deepEqual(await read('web'), [user, { type: 'phone', value: '+41791234567' }]);
    assert.deepEqual(await read('pos'), [user, { type: 'phone', value: '+33791234567' }]);
  });

  it('names the field that is wrong', async () => {
    for (const [body, status] of [
      [{ defaultCountry: 'Switzerland' }, 400],
      [{ countries: { crm: 'ch' } }, 400],
      [{ countries: { nowhere: 'CH' } }, 422],
      [{ version: 1 }, 400],
    ] as const)
      assert.equal((await set(body)).status, status, JSON.stringify(body));
  });
});
