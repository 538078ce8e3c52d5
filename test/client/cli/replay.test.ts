import assert from 'node:assert/strict';
import { eachOnStub, type StubPlatform } from './stub.ts';

const RUN = '/v1/replays/crm/r1';
const UNDER_WAY = {
  ...{
    runId: 'r1',
    status: 'replaying',
    isPaused: true,
    slices: 8,
    slicesDone: 2,
    items: 2_000,
    same: 1_990,
  },
  ...{ corrected: 10, moved: 4, refused: 0, duplicates: 0, skipped: 0, left: 0, released: 0, heldAgain: 0 },
};

describe('tessera replay', function () {
  this.timeout(30_000);
  let stub: StubPlatform;

  const run = eachOnStub((given) => {
    ({ stub } = given);
  });

  it('says how to look at a run that it does not wait for', async () => {
    stub
      .on('GET /v1/sources/crm', { body: { mapping: 'hubspot@2' } })
      .on('POST /v1/replays', { status: 202, body: { workflowId: 'w1', statusUrl: RUN, runId: 'r1' } });
    const { code, out } = await run('replay', '--source', 'crm', '--mapping-version', '3', '--detach');
    assert.equal(code, 0);
    assert.match(out, /Started w1\.\n +See: npx tessera replay show crm r1\n/);
    const misused = await run('replay', '--mapping-version', '3');
    assert.deepEqual([misused.code, misused.err], [2, 'Give --source and --mapping-version.\n']);
  });

  it('shows how far a run is, or waits for its end, and exits with 1 where it failed', async () => {
    stub.on(`GET ${RUN}`, { body: UNDER_WAY });
    const { code, out } = await run('replay', 'show', 'crm', 'r1');
    assert.equal(code, 0);
    assert.match(out, /replay +replaying, paused\n/);
    assert.match(out, /slices +2 of 8\n/);
    const parsed: unknown = JSON.parse((await run('replay', 'show', 'crm', 'r1', '--json')).out);
    assert.deepEqual(parsed, UNDER_WAY);
    const failed = { ...UNDER_WAY, isPaused: false, status: 'failed', error: 'the mapping is gone' };
    stub.on(`GET ${RUN}`, { body: UNDER_WAY }, { body: failed });
    const waited = await run('replay', 'show', 'crm', 'r1', '--wait');
    assert.equal(waited.code, 1);
    assert.match(waited.out, /replay +failed\n/);
    assert.match(waited.out, /why +the mapping is gone\n/);
  });

  it('pauses, resumes and cancels a run, and says what that means', async () => {
    for (const [verb, said] of [
      ['pause', /paused once the slice at hand is done/],
      ['resume', /goes on/],
      ['cancel', /replaying the former version takes that back/],
    ] as const) {
      stub.on(`POST ${RUN}/${verb}`, { status: 202, body: { runId: 'r1' } });
      const { code, out } = await run('replay', verb, 'crm', 'r1');
      assert.equal(code, 0);
      assert.match(out, said);
      assert.equal((await run('replay', verb, 'crm', 'r1', '--json')).out, '{\n  "runId": "r1"\n}\n');
    }
    const gone = await run('replay', 'pause', 'crm', 'r2');
    assert.equal(gone.code, 1);
  });
});
