import assert from 'node:assert/strict';
import { startGateway } from './support.ts';
import type { Answer, Running } from './support.ts';

describe('trait policies over the API', () => {
  let running: Running;
  before(async () => {
    running = await startGateway();
  });
  after(() => running.stop());

  const set = (body: unknown): Promise<Answer> => running.api('/v1/trait-policies', { method: 'POST', body });

  it('start with none, since every trait is latest', async () => {
    const { body } = await running.api('/v1/trait-policies');
    assert.deepEqual(body, { version: 1, default: 'latest', items: [], cursor: null });
  });

  it('are set one by one, listed, and each change is kept', async () => {
    const first = await set({ trait: 'city', policy: 'source-priority', sources: ['crm', 'pos'] });
    assert.equal(first.status, 200);
    assert.deepEqual(first.body, {
      trait: 'city',
      policy: 'source-priority',
      sources: ['crm', 'pos'],
      version: 2,
    });
    await set({ trait: 'plan', policy: 'most-frequent' });
    await set({ trait: 'city', policy: 'latest' });
    const { body } = await running.api('/v1/trait-policies');
    assert.deepEqual(body['items'], [{ trait: 'plan', policy: 'most-frequent' }]);
    assert.equal(body['version'], 4);
    const changes = (await running.api('/v1/trait-policies/changes')).body['items'] as {
      version: number;
      trait: string;
      before: unknown;
    }[];
    assert.deepEqual(
      changes.map(({ version, trait }) => [version, trait]),
      [
        [4, 'city'],
        [3, 'plan'],
        [2, 'city'],
      ],
    );
    assert.deepEqual(changes[0]?.before, { policy: 'source-priority', sources: ['crm', 'pos'] });
  });

  it('name the field that is wrong', async () => {
    const wrong: [unknown, number, string][] = [
      [{ trait: 'city', policy: 'best' }, 400, 'policy'],
      [{ trait: '', policy: 'first' }, 400, 'trait'],
      [{ trait: 'city', policy: 'source-priority' }, 400, 'sources'],
      [{ trait: 'city', policy: 'first', sources: ['crm'] }, 400, 'sources'],
      [{ trait: 'city', policy: 'source-priority', sources: ['nowhere'] }, 422, 'sources'],
    ];
    for (const [body, status, field] of wrong) {
      const answer = await set(body);
      assert.equal(answer.status, status, JSON.stringify(body));
      assert.match(String(answer.body['detail']), new RegExp(field));
    }
  });
});
