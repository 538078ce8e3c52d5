import assert from 'node:assert/strict';
import { startGateway } from './support.ts';
import type { Running } from './support.ts';

describe('the API of identity rules', () => {
  let running: Running;

  beforeEach(async () => {
    running = await startGateway();
  });
  afterEach(() => running.stop());

  async function call(
    method: string,
    path: string,
    body?: unknown,
  ): Promise<{ status: number; body: Record<string, unknown> }> {
    const response = await fetch(running.url + path, {
      method,
      headers: {
        authorization: `Bearer ${running.tokens.adminToken}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }

  it('changes rules, keeps every version with who and why, and has history judged', async () => {
    const before = await call('GET', '/v1/identity/rules');
    assert.equal(before.body['version'], 1);
    const set = await call('PUT', '/v1/identity/rules?actor=jane&reason=family%20phones', {
      limits: { userId: 1, email: { max: 3, within: 'P30D' }, '*': 4 },
      trust: { web: 'suggest' },
      junk: null,
    });
    assert.equal(set.status, 200);
    assert.equal(set.body['version'], 2);
    assert.equal(set.body['junk'], undefined);
    assert.deepEqual(set.body['priority'], before.body['priority']);
    const { simulationId } = set.body['rejudging'] as { simulationId: string };
    const run = await call('GET', `/v1/identity/simulations/${simulationId}`);
    assert.equal(run.body['status'], 'promoting');

    const versions = await call('GET', '/v1/identity/rules/versions');
    const items = versions.body['items'] as Record<string, unknown>[];
    assert.deepEqual(
      items.map(({ version, actor, reason }) => [version, actor, reason]),
      [
        [2, 'jane', 'family phones'],
        [1, null, null],
      ],
    );
    const diff = await call('GET', '/v1/identity/rules/diff?from=1&to=2');
    const changes = diff.body['changes'] as { path: string }[];
    assert.ok(changes.some(({ path }) => path === 'trust'));
    assert.ok(changes.some(({ path }) => path === 'limits.email'));
  });

  it('names the field of rules that can not be, and refuses rules made from an older version', async () => {
    for (const [body, field] of [
      [{ limits: { email: 0 } }, 'limits.email'],
      [{ limits: { email: { max: 2, within: '30 days' } } }, 'limits.email.within'],
      [{ trust: { web: 'maybe' } }, 'trust.web'],
      [{ unique: ['user id'] }, 'unique.0'],
      [{ blocked: ['/*/'] }, 'blocked.0'],
      [{ limit: {} }, ''],
    ] as const) {
      const { status, body: problem } = await call('PUT', '/v1/identity/rules', body);
      assert.equal(status, 400, JSON.stringify(body));
      const [first] = problem['errors'] as { field: string }[];
      assert.equal(first?.field, field);
    }
    await call('PUT', '/v1/identity/rules', { unique: [] });
    const stale = await call('PUT', '/v1/identity/rules', { version: 1, unique: ['userId'] });
    assert.equal(stale.status, 422);
    assert.equal(stale.body['field'], 'version');
  });

  it('simulates, and promotes, discards and undoes only where that can be', async () => {
    const begun = await call('POST', '/v1/identity/simulations?actor=jane', { unique: [] });
    assert.equal(begun.status, 202);
    const id = String(begun.body['simulationId']);
    assert.match(String(begun.body['workflowId']), /^replay-rules\/.+\/simulate$/);
    assert.equal((await call('POST', `/v1/identity/simulations/${id}/promote`)).status, 409);
    await running.store.simulations.change(id, (known) => ({ ...known, status: 'simulated' }));
    assert.equal((await call('POST', `/v1/identity/simulations/${id}/promote`)).status, 202);
    assert.equal((await call('POST', `/v1/identity/simulations/${id}/discard`)).status, 409);
    await running.store.simulations.change(id, (known) => ({ ...known, status: 'promoted' }));
    const undone = await call('POST', `/v1/identity/simulations/${id}/undo`);
    assert.equal(undone.body['type'], 'urn:tessera:error:rules-changed');
    assert.equal((await call('GET', '/v1/identity/simulations/none')).status, 404);
    const list = await call('GET', '/v1/identity/simulations');
    assert.equal((list.body['items'] as unknown[]).length, 1);
  });
});
