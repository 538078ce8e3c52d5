import assert from 'node:assert/strict';
import { eachOnStub, type Ran, type StubPlatform } from './stub.ts';

const HELD = {
  holdId: 'one.two',
  kind: 'held',
  profileId: 'p_1',
  identifiers: [
    { fragment: 'one', type: 'userId', identifier: 'userId:jane' },
    { fragment: 'two', type: 'phone', identifier: null },
  ],
  evidence: { rule: 'same-event', source: 'web', messageId: 'm-1', firstSeen: '2026-01-01T00:00:00.000Z' },
  seenWith: null,
};

describe('tessera identity holds', function () {
  this.timeout(30_000);
  let stub: StubPlatform;
  let url = '';

  const command = eachOnStub((given) => {
    ({ stub, url } = given);
  });
  const run = (...args: string[]): Promise<Ran> => command('identity', 'holds', ...args);

  it('lists and shows what is on hold', async () => {
    stub
      .on('GET /v1/identity/holds', { body: { items: [HELD], cursor: 'next' } })
      .on('GET /v1/identity/holds/one.two', { body: HELD });
    const listed = await run('list', '--kind', 'held');
    assert.equal(listed.code, 0, listed.err);
    assert.match(listed.out, /one\.two.*held.*userId:jane and phone:\?.*p_1/);
    assert.match(listed.out, /More: --cursor next/);
    assert.equal(new URL(stub.seen[0]?.url ?? '', url).searchParams.get('kind'), 'held');
    const shown = await run('show', 'one.two');
    assert.match(shown.out, /web in m-1/);
  });

  it('releases to somebody, with who and why', async () => {
    stub.on('POST /v1/identity/holds/dev/release', { body: { profiles: ['p_2'], decisionId: 'd1' } });
    const ran = await run('release', 'dev', '--reason', 'her phone', '--actor', 'jo', '--to', 'userId:jane');
    assert.equal(ran.code, 0, ran.err);
    assert.match(ran.out, /Decided as d1\. Profiles: .*p_2/);
    assert.deepEqual(stub.seen[0]?.body, { reason: 'her phone', actor: 'jo', to: 'userId:jane' });
    assert.notEqual((await run('release', 'dev')).code, 0);
  });
});
