import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import { track, word } from '../../support/segment.ts';
import type { Running } from './types.ts';

const CALLS: Record<string, { path: string; short: string; fields: Record<string, unknown>; name: string }> =
  {
    identify: { path: 'identify', short: 'i', fields: { traits: { plan: 'x' } }, name: 'Identify' },
    track: { path: 'track', short: 't', fields: { event: 'Cart Viewed' }, name: 'Cart Viewed' },
    page: { path: 'page', short: 'p', fields: { name: 'Home' }, name: 'Page Viewed' },
    screen: { path: 'screen', short: 's', fields: { name: 'Main' }, name: 'Screen Viewed' },
    group: { path: 'group', short: 'g', fields: { groupId: 'g1' }, name: 'Group' },
  };

/** Collection as Segment's clients use it. */
export function collectionCases(platform: Running): void {
  for (const [type, call] of Object.entries(CALLS))
    it(`takes ${type} by its long and its short path`, async () => {
      const user = word('u');
      for (const path of [call.path, call.short]) {
        const answer = await platform().post(
          `/v1/${path}`,
          JSON.stringify({ userId: user, messageId: word('m'), ...call.fields }),
        );
        assert.equal(answer.status, 200, JSON.stringify(answer.body));
        assert.equal((answer.body as { success: boolean }).success, true);
      }
      await platform().drained();
      const timeline = await platform().timeline(`userId:${user}`);
      assert.deepEqual(
        timeline.map((event) => [event.type, event.event]),
        [
          [type, call.name],
          [type, call.name],
        ],
      );
    });

  it('takes alias, and the earlier id leads to the same person', async () => {
    const [before, user] = [word('anon'), word('u')];
    await platform().send([track('Seen', { anonymousId: before })]);
    const answer = await platform().post(
      '/v1/alias',
      JSON.stringify({ previousId: before, userId: user, messageId: word('m') }),
    );
    assert.equal(answer.status, 200);
    await platform().drained();
    assert.equal(
      (await platform().profile(`anonymousId:${before}`)).profileId,
      (await platform().profile(`userId:${user}`)).profileId,
    );
  });

  it('takes gzip, text/plain with the key in the body, and the import call', async () => {
    const user = word('u');
    const body = (): string =>
      JSON.stringify({
        writeKey: platform().tokens.writeKeys['web'],
        batch: [track('Seen', { userId: user })],
      });
    const answers = [
      await platform().post('/v1/batch', gzipSync(body()), { 'content-encoding': 'gzip' }),
      await platform().post('/v1/b', body(), { 'content-type': 'text/plain', authorization: '' }),
      await platform().post('/v1/import', body()),
    ];
    assert.deepEqual(
      answers.map((answer) => answer.status),
      [200, 200, 200],
    );
    await platform().drained();
    assert.equal((await platform().timeline(`userId:${user}`)).length, 3);
  });

  it('lets browsers of any origin in, and answers their settings call', async () => {
    const key = platform().tokens.writeKeys['web'] ?? '';
    const settings = await fetch(`${platform().url}/v1/projects/${key}/settings`, {
      headers: { origin: 'https://shop.example' },
    });
    assert.equal(settings.status, 200);
    assert.ok(
      ['*', 'https://shop.example'].includes(settings.headers.get('access-control-allow-origin') ?? ''),
    );
    const body = (await settings.json()) as { integrations: Record<string, unknown> };
    assert.ok('Segment.io' in body.integrations);
    const preflight = await fetch(`${platform().url}/v1/t`, {
      method: 'OPTIONS',
      headers: {
        origin: 'https://shop.example',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type,authorization',
      },
    });
    assert.ok(preflight.ok);
  });

  it('answers health, readiness, metrics and its own description without a token', async () => {
    for (const path of ['/health', '/ready', '/metrics', '/openapi.json', '/docs']) {
      const answer = await fetch(platform().url + path);
      await answer.arrayBuffer();
      assert.ok(answer.ok, `${path} answered ${answer.status}`);
    }
  });
}
