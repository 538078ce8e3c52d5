import assert from 'node:assert/strict';
import type { Gateway } from '../../../client/gateway/server.ts';
import { openPeople, type People } from '../../storage/profiles/people.ts';
import { gatewayOn } from './support.ts';

describe('the raw record of an event', () => {
  const body = { orderId: '77', total: '9.90', note: 'as it came' };
  const delivery = { topic: 'orders/create' };
  let people: People;
  let gateway: Gateway;
  before(async () => {
    people = await openPeople();
    gateway = await gatewayOn(people);
    await people.registry.addSource({ name: 'shop', kind: 'pos', mapping: 'segment', lanes: 2 });
    const receivedAt = '2026-01-05T00:00:00.000Z';
    // On the second lane, under the id that the first telling gives its events; the first item is somebody else's.
    const header = { batchId: 'b1', source: 'shop', lane: 1, mapping: 'segment', items: 2, receivedAt };
    await people.batches.append(header, [
      JSON.stringify({ body: { orderId: '76' }, receivedAt }),
      JSON.stringify({ body, receivedAt, delivery }),
    ]);
    await people.tell(
      '05',
      { who: ['userId:john'], at: '05', source: 'shop' },
      { who: ['userId:jane', 'email:jane@example.com'], at: '05', source: 'shop' },
      { who: ['userId:jane'], at: '06', source: 'web' },
    );
  });
  after(async () => {
    await gateway.close();
    await people.close();
  });

  async function ask(path: string): Promise<{ status: number; body: Record<string, unknown> }> {
    const answer = await gateway.app.inject({
      url: `/v1/profiles/${path}`,
      headers: { authorization: 'Bearer token' },
    });
    return { status: answer.statusCode, body: answer.json() };
  }

  it('is shown with the event, by any identifier, whatever lane it came by', async () => {
    for (const address of ['userId:jane', 'email:jane@example.com']) {
      const { status, body: event } = await ask(`${encodeURIComponent(address)}/events/m0002`);
      assert.equal(status, 200);
      assert.deepEqual([event['messageId'], event['source'], event['mapping']], ['m0002', 'shop', 'test@1']);
      assert.deepEqual(event['raw'], { body, receivedAt: '2026-01-05T00:00:00.000Z', delivery });
    }
  });

  it('is null where the batch is gone, and the event is shown all the same', async () => {
    const { status, body: event } = await ask('userId:jane/events/m0003');
    assert.deepEqual([status, event['messageId'], event['raw']], [200, 'm0003', null]);
  });

  it('is not shown for somebody else, another source, or a message that is not there', async () => {
    for (const path of ['john/events/m0002', 'jane/events/m0002?source=web', 'jane/events/none']) {
      const { status, body: problem } = await ask(`userId:${path}`);
      assert.deepEqual([status, problem['type']], [404, 'urn:tessera:error:no-such-event'], path);
    }
    const nobody = await ask('userId:nobody/events/m0002');
    assert.deepEqual([nobody.status, nobody.body['type']], [404, 'urn:tessera:error:no-such-profile']);
  });
});
