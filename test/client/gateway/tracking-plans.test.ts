import assert from 'node:assert/strict';
import { startGateway } from './support.ts';
import type { Running } from './support.ts';

const problemType = (code: string): string => `urn:tessera:error:${code}`;

describe('tracking plans in the API', () => {
  let running: Running;
  before(async () => {
    running = await startGateway();
  });
  after(() => running.stop());

  it('stores tracking plans, compares their versions, and drafts new ones', async () => {
    const post = (path: string, body: unknown) => running.api(path, { method: 'POST', body });
    const plan = {
      name: 'shop',
      sources: ['pos'],
      rules: [{ event: 'Order Completed', schema: { properties: { properties: { type: 'object' } } } }],
    };
    const first = await post('/v1/tracking-plans', plan);
    assert.deepEqual([first.status, first.body['version'], first.body['mode']], [201, 1, 'warn']);
    const strict = { ...plan, rules: [{ event: 'Order Completed', schema: { required: ['userId'] } }] };
    const checked = await post('/v1/tracking-plans/check', { plan: strict });
    assert.deepEqual([checked.body['against'], checked.body['compatible']], ['shop@1', false]);
    const refused = await post('/v1/tracking-plans', { ...strict, onlyCompatible: true });
    assert.deepEqual([refused.status, refused.body['type']], [409, problemType('incompatible-plan')]);
    assert.equal((await post('/v1/tracking-plans', strict)).body['compatible'], false);
    const versions = await running.api('/v1/tracking-plans/shop/versions');
    assert.deepEqual(
      (versions.body['items'] as { version: number; compatible: boolean }[]).map((one) => [
        one.version,
        one.compatible,
      ]),
      [
        [1, true],
        [2, false],
      ],
    );
    assert.equal((await running.api('/v1/tracking-plans/shop@1')).body['version'], 1);
    assert.equal((await running.api('/v1/tracking-plans/none')).status, 404);
    const wrong = await post('/v1/tracking-plans', {
      ...plan,
      rules: [{ event: 'E', schema: { properties: { a: { pattern: '(a+)+' } } } }],
    });
    assert.deepEqual([wrong.status, wrong.body['type']], [422, problemType('invalid-plan')]);
    const segment = { rules: [{ type: 'TRACK', key: 'A', version: 1, jsonSchema: { type: 'object' } }] };
    const converted = await post('/v1/tracking-plans/convert', { name: 'taken', segment });
    assert.equal((await post('/v1/tracking-plans', converted.body['plan'])).status, 201);
    assert.equal((await post('/v1/tracking-plans/convert', { name: 'x', segment: 7 })).status, 422);
    const draft = await post('/v1/tracking-plans/infer', { source: 'pos' });
    assert.deepEqual([draft.status, draft.body['rules']], [200, []]);
    const listed = await running.api('/v1/tracking-plans');
    assert.deepEqual(
      (listed.body['items'] as { name: string }[]).map(({ name }) => name),
      ['shop', 'taken'],
    );
    const broken = await running.api('/v1/tracking-plans/violations?source=pos&plan=shop');
    assert.deepEqual(broken.body['items'], []);
    assert.equal((await running.api('/v1/tracking-plans/violations/pos/0123456789abcdef')).status, 404);
  });
});
