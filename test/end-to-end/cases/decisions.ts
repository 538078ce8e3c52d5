import assert from 'node:assert/strict';
import { identify, track, word } from '../../support/segment.ts';
import { runCli } from '../../support/platform.ts';
import type { Running } from './types.ts';

interface Decided {
  readonly profiles: readonly string[];
  readonly decisionId: string;
}

/** What a customer sees of a profile, apart from its ids. */
async function seen(platform: Running, address: string): Promise<unknown> {
  const profile = await platform().profile(address);
  return {
    ...profile,
    profileId: '',
    events: (await platform().timeline(address)).map((event) => event.messageId),
  };
}

/** What operators decide on who is who. */
export function decisionCases(platform: Running): void {
  const post = async (path: string, body: object): Promise<Decided> => {
    const { status, body: answer } = await platform().api<Decided>(path, {
      method: 'POST',
      body: { reason: 'a test', ...body },
    });
    assert.equal(status, 200, JSON.stringify(answer));
    return answer;
  };

  it('splits a profile for good, links it again by hand, and each time shows what would have been', async () => {
    const [jane, john, visitor] = [word('jane'), word('john'), word('visitor')];
    const mail = (name: string): string => `${name}@example.com`;
    await platform().send([
      identify({ userId: jane, traits: { email: mail(jane), plan: 'gold' } }),
      track('Product Viewed', { anonymousId: visitor }),
      identify({ anonymousId: visitor, traits: { email: mail(john), name: 'John' } }),
    ]);
    await platform().drained();
    const apart = [await seen(platform, `userId:${jane}`), await seen(platform, `email:${mail(john)}`)];
    // One event on somebody else's device.
    await platform().send([track('Signed In', { userId: jane, anonymousId: visitor })]);
    await platform().drained();
    const joined = await seen(platform, `userId:${jane}`);
    assert.deepEqual(await seen(platform, `email:${mail(john)}`), joined);

    const away = [`anonymousId:${visitor}`, `email:${mail(john).toUpperCase()}`];
    const split = await post(`/v1/profiles/${encodeURIComponent(`userId:${jane}`)}/split`, { away });
    assert.equal(split.profiles.length, 2);
    assert.equal((await platform().profile(`userId:${jane}`)).profileId, split.profiles[0]);
    assert.equal((await platform().profile(`email:${mail(john)}`)).profileId, split.profiles[1]);
    assert.deepEqual(await seen(platform, `email:${mail(john)}`), apart[1]);
    assert.equal((await platform().profile(`userId:${jane}`)).computed.events, 2);
    // The next event, and one through a third identifier, change nothing.
    const third = word('device');
    await platform().send([
      track('Signed In', { userId: jane, anonymousId: visitor }),
      track('Signed In', { userId: jane, context: { device: { id: third } } }),
      track('Opened', { anonymousId: visitor, context: { device: { id: third } } }),
    ]);
    await platform().drained();
    const [stays, gone] = [
      await platform().profile(`userId:${jane}`),
      await platform().profile(`anonymousId:${visitor}`),
    ];
    assert.notEqual(stays.profileId, gone.profileId);

    const linked = await post('/v1/profiles/link', { a: `userId:${jane}`, b: `email:${mail(john)}` });
    assert.equal(linked.profiles.length, 1);
    const again = await platform().profile(`userId:${jane}`);
    assert.equal(again.computed.events, 7);
    assert.equal((await platform().profile(`anonymousId:${visitor}`)).profileId, again.profileId);
    for (const former of [...split.profiles, ...linked.profiles])
      assert.equal((await platform().profile(former)).profileId, again.profileId, 'a former id redirects');
    const decision = await platform().api<{ status: string; kind: string; reason: string }>(
      `/v1/identity/decisions/${split.decisionId}`,
    );
    assert.deepEqual(
      [decision.body.status, decision.body.kind, decision.body.reason],
      ['done', 'split', 'a test'],
    );
  });

  it('lets a link by hand override unique, and the later of two opposite decisions stand', async () => {
    const [jane, janet] = [word('jane'), word('janet')];
    await platform().send([
      track('Signed In', { userId: jane, anonymousId: word('phone') }),
      track('Signed In', { userId: janet, anonymousId: word('laptop') }),
    ]);
    await platform().drained();
    const pair = { a: `userId:${jane}`, b: `userId:${janet}` };
    assert.equal((await post('/v1/profiles/link', pair)).profiles.length, 1);
    assert.equal((await platform().profile(`userId:${janet}`)).computed.events, 2);
    assert.equal((await post('/v1/profiles/never-link', pair)).profiles.length, 2);
    assert.equal((await platform().profile(`userId:${janet}`)).computed.events, 1);
    assert.equal((await post('/v1/profiles/link', pair)).profiles.length, 1);
  });

  it('refuses what is no split, saying what to change', async () => {
    const [jane, other] = [word('jane'), word('other')];
    await platform().send([
      identify({ userId: jane, traits: { email: `${jane}@example.com` } }),
      track('Signed In', { userId: other }),
    ]);
    await platform().drained();
    const path = `/v1/profiles/${encodeURIComponent(`userId:${jane}`)}/split`;
    const refused = async (body: object, to = path): Promise<string> => {
      const answer = await platform().api<{ type: string }>(to, {
        method: 'POST',
        body: { reason: 'a test', ...body },
      });
      return `${String(answer.status)} ${answer.body.type.replace('urn:tessera:error:', '')}`;
    };
    assert.equal(await refused({ away: [] }), '400 invalid-request');
    assert.equal(
      await refused({ away: [`userId:${jane}`, `email:${jane}@example.com`] }),
      '422 everything-away',
    );
    assert.equal(await refused({ away: ['email:nobody@example.com'] }), '422 unknown-identifier');
    assert.equal(await refused({ away: [`userId:${other}`] }), '422 not-of-this-profile');
    assert.equal(
      await refused({ away: [`userId:${jane}`] }, '/v1/profiles/userId%3Anobody/split'),
      '404 no-such-profile',
    );
    const same = { a: `userId:${jane}`, b: `userId:${jane}` };
    assert.equal(await refused(same, '/v1/profiles/link'), '422 same-identifier');
    const stranger = { a: `userId:${jane}`, b: 'userId:nobody' };
    assert.equal(await refused(stranger, '/v1/profiles/never-link'), '422 unknown-identifier');
  });

  it('decides by command line', async () => {
    const [jane, visitor] = [word('jane'), word('visitor')];
    await platform().send([track('Signed In', { userId: jane, anonymousId: visitor })]);
    await platform().drained();
    const cli = (...args: string[]): ReturnType<typeof runCli> =>
      runCli(['profile', ...args, '--reason', 'a test', '--actor', 'tester', '--json'], {
        TESSERA_URL: platform().url,
        TESSERA_ADMIN_TOKEN: platform().tokens.adminToken,
      });
    const split = await cli('split', `userId:${jane}`, '--away', `anonymousId:${visitor}`);
    assert.equal(split.code, 0, split.stderr);
    assert.equal((JSON.parse(split.stdout) as Decided).profiles.length, 2);
    const linked = await cli('link', `userId:${jane}`, `anonymousId:${visitor}`);
    assert.equal(linked.code, 0, linked.stderr);
    assert.equal((JSON.parse(linked.stdout) as Decided).profiles.length, 1);
    const wrong = await cli('split', `userId:${jane}`, '--away', 'email:nobody@example.com');
    assert.equal(wrong.code, 1);
  });
}
