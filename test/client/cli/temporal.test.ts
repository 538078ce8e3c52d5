import assert from 'node:assert/strict';
import { eachOnStub, type StubPlatform } from './stub.ts';

const LINK = { path: '/v1/temporal/sign-in/abc', expiresAt: '2026-11-28T12:05:00.000Z' };

describe('tessera temporal open', function () {
  this.timeout(30_000);
  let stub: StubPlatform;
  let url: string;
  const command = eachOnStub((given) => {
    ({ stub, url } = given);
    stub.on('POST /v1/temporal/sign-ins', { status: 201, body: LINK });
  });

  it('prints the link alone where programs look, and what to do with it beside', async () => {
    const ran = await command('temporal', 'open');
    assert.equal(ran.code, 0, ran.err);
    assert.equal(ran.out, `${url}${LINK.path}\n`);
    assert.match(ran.err, /within five minutes; it works once/);
    assert.deepEqual(stub.seen[0]?.body, {});
  });

  it('leads to the workflow that is named', async () => {
    const ran = await command('temporal', 'open', 'resolution/demo/01', '--json');
    assert.deepEqual(JSON.parse(ran.out), { url: url + LINK.path, expiresAt: LINK.expiresAt });
    assert.deepEqual(stub.seen[0]?.body, { workflowId: 'resolution/demo/01' });
  });

  it('fails where nobody said where the UI is', async () => {
    const detail = 'set TESSERA_TEMPORAL_UI';
    stub.on('POST /v1/temporal/sign-ins', { status: 409, body: { title: 'Conflict', detail } });
    const ran = await command('temporal', 'open');
    assert.equal(ran.code, 1);
    assert.equal(ran.out, '');
    assert.match(ran.err, /set TESSERA_TEMPORAL_UI/);
  });
});
