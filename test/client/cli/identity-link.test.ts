import assert from 'node:assert/strict';
import { eachOnStub, type StubPlatform } from './stub.ts';

const DETAIL = 'The model did not converge within 500 rounds; nothing is linked.';
const FAILED = {
  runId: 'r1',
  stage: 'failed',
  finishedAt: '2026-01-05T00:00:00.000Z',
  records: 60,
  problem: { code: 'not-converged', detail: DETAIL },
};

describe('tessera identity link', function () {
  this.timeout(30_000);
  let stub: StubPlatform;
  const command = eachOnStub((given) => {
    ({ stub } = given);
    stub.on('POST /v1/identity/runs', { status: 202, body: { runId: 'r1', workflowId: 'link/demo/r1' } });
    stub.on('GET /v1/identity/runs/r1', { body: { runId: 'r1', stage: 'computing' } }, { body: FAILED });
  });

  it('waits for its run, says why it linked nothing, and fails', async () => {
    const ran = await command('identity', 'link', '--source', 'crm');
    assert.equal(ran.code, 1);
    assert.ok(ran.out.startsWith(`Nothing was linked: ${DETAIL}\n`), ran.out);
  });

  it('answers programs with the run and its problem, and fails', async () => {
    const ran = await command('identity', 'link', '--source', 'crm', '--json');
    assert.equal(ran.code, 1);
    assert.deepEqual(JSON.parse(ran.out), FAILED);
  });

  it('asks for nothing where a threshold is no probability', async () => {
    for (const threshold of ['2', '-0.1', 'high', '']) {
      const ran = await command('identity', 'link', '--source', 'crm', '--threshold-link', threshold);
      assert.equal(ran.code, 2, threshold);
      assert.match(ran.err, /--threshold-link must be a probability from 0 to 1/);
    }
    assert.deepEqual(stub.seen, []);
  });
});
