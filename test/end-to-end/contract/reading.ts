import assert from 'node:assert/strict';
import type { Answer } from '../../support/api.ts';
import type { Platform } from '../../support/platform.ts';
import { identify, track, word } from '../../support/segment.ts';

interface Page {
  readonly items: Record<string, unknown>[];
  readonly cursor: string | null;
}

const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const PROFILE_KEYS = [
  ...['completeSince', 'computed', 'consent', 'fragments', 'identifiers', 'profileId', 'segments'],
  ...['traitSources', 'traits'],
];
const EVENT_KEYS = [
  ...[
    'messageId',
    'type',
    'event',
    'timestamp',
    'receivedAt',
    'source',
    'identifiers',
    'properties',
    'traits',
  ],
];

function assertProblem({ status, headers, body }: Answer, expected: number): void {
  assert.equal(status, expected, JSON.stringify(body));
  assert.match(String(headers['content-type']), /^application\/problem\+json/);
  const { type, title, status: said, detail } = body as Record<string, unknown>;
  assert.deepEqual(
    [typeof type, typeof title, said, typeof detail],
    ['string', 'string', expected, 'string'],
  );
}

/** What is collected, as readers get it: names, shapes, pages and refusals. */
export function readingCases(platform: () => Platform): void {
  const user = word('jane');
  const path = `/v1/profiles/${encodeURIComponent(`userId:${user}`)}`;

  it('answers a collection call with what was accepted and what is in quarantine, and where', async () => {
    const answer = await platform().send([
      identify({
        userId: user,
        anonymousId: `a-${user}`,
        traits: { email: `${user}@example.com`, city: 'Ghent' },
        context: { consent: { categoryPreferences: { marketing: true } } },
      }),
      ...Array.from({ length: 4 }, (_, index) =>
        track('Order Completed', { userId: user, properties: { revenue: index + 0.1, currency: 'EUR' } }),
      ),
      { type: 'track', event: 'Nobody', messageId: `nobody-${user}` },
    ]);
    assert.equal(answer.status, 200);
    assert.deepEqual(Object.keys(answer.body).sort(), ['accepted', 'quarantined', 'success']);
    const { success, accepted, quarantined } = answer.body;
    assert.deepEqual([success, accepted, quarantined.length], [true, 5, 1]);
    const [held] = quarantined;
    assert.deepEqual(Object.keys(held ?? {}).sort(), ['index', 'messageId', 'reason']);
    assert.deepEqual([held?.index, held?.messageId, typeof held?.reason], [5, `nobody-${user}`, 'string']);
    await platform().drained();
  });

  it('shows a profile in its parts, by any identifier and by its id', async () => {
    const profile = await platform().profile(`email:${user}@example.com`);
    assert.deepEqual(Object.keys(profile).sort(), PROFILE_KEYS);
    assert.deepEqual(
      (profile.identifiers as string[]).toSorted(),
      [`anonymousId:a-${user}`, `email:${user}@example.com`, `userId:${user}`].sort(),
    );
    assert.equal(profile.traits['city'], 'Ghent');
    const { events, firstSeen, lastSeen, byEvent } = profile.computed;
    assert.equal(events, 5);
    assert.match(firstSeen ?? '', ISO);
    assert.match(lastSeen ?? '', ISO);
    assert.equal(byEvent['Order Completed']?.count, 4);
    assert.equal(byEvent['Order Completed'].sums['revenue'], 6.4);
    for (const address of [profile.profileId, `userId:${user}`, `anonymousId:a-${user}`])
      assert.deepEqual(await platform().profile(address), profile);
  });

  it('pages a timeline of events alone, newest first, by an opaque cursor', async () => {
    const pages: Page[] = [];
    for (let cursor = ''; ;) {
      const page = (await platform().api<Page>(`${path}/events?limit=2${cursor}`)).body;
      assert.deepEqual(Object.keys(page).sort(), ['cursor', 'items']);
      pages.push(page);
      if (page.cursor === null) break;
      assert.match(page.cursor, /^[A-Za-z0-9_-]+$/);
      cursor = `&cursor=${page.cursor}`;
    }
    const events = pages.flatMap((page) => page.items);
    assert.equal(events.length, 5);
    for (const event of events) {
      for (const key of EVENT_KEYS) assert.ok(key in event, key);
      assert.ok((event['identifiers'] as unknown[]).includes(`userId:${user}`));
      assert.match(String(event['timestamp']), ISO);
      assert.match(String(event['receivedAt']), ISO);
      assert.equal(event['source'], 'web');
    }
    const times = events.map((event) => String(event['timestamp']));
    assert.deepEqual(times, times.toSorted().toReversed());
    const identifyEvent = events.find((event) => event['type'] === 'identify');
    assert.deepEqual([identifyEvent?.['event'], identifyEvent?.['properties']], ['Identify', {}]);
  });

  it('explains a profile and tells its history', async () => {
    const explained = await platform().api<{ profileId: string; links: unknown[]; refused: unknown[] }>(
      `${path}/explain`,
    );
    assert.equal(explained.status, 200);
    assert.ok(explained.body.links.length > 0);
    const history = (await platform().api<Page>(`${path}/history`)).body;
    assert.ok(history.items.some((item) => item['path'] === 'traits.city' && item['after'] === 'Ghent'));
  });

  it('lists sources, mappings and quarantine as pages', async () => {
    for (const list of ['sources', 'mappings', 'quarantine']) {
      const { status, body } = await platform().api<Page>(`/v1/${list}`);
      assert.equal(status, 200, list);
      assert.ok(Array.isArray(body.items) && body.items.length > 0, list);
      assert.equal(body.cursor, null);
    }
    const { items } = (await platform().api<Page>('/v1/quarantine?source=web')).body;
    const held = items.find((item) => item['messageId'] === `nobody-${user}`);
    const one = await platform().api<{ original: { body: { event: string } } }>(
      `/v1/quarantine/${String(held?.['id'])}`,
    );
    assert.equal(one.body.original.body.event, 'Nobody');
  });

  it('answers what is wrong with problem details, for every kind of mistake', async () => {
    const api = (of: string, given = {}): Promise<Answer> => platform().api(of, given);
    const post = (...given: Parameters<Platform['post']>): Promise<Answer> => platform().post(...given);
    assertProblem(await api(`/v1/profiles/${encodeURIComponent('userId:nobody')}`), 404);
    assertProblem(await api('/v1/quarantine/none'), 404);
    assertProblem(await api('/v1/nothing-here'), 404);
    assertProblem(await api(`${path}/events?limit=1001`), 400);
    assertProblem(await api(`${path}/events?limit=none`), 400);
    assertProblem(await api(`${path}/events?cursor=%21`), 400);
    assertProblem(await api(`${path}?asOf=yesterday`), 400);
    assertProblem(await api('/v1/sources', { method: 'POST', body: { name: 'Bad Name' } }), 400);
    assertProblem(await post('/v1/batch', '{"batch": ['), 400);
    assertProblem(await post('/v1/track', '{'), 400);
    assertProblem(await post('/v1/batch', '{"batch":[]}', { authorization: 'Basic bm9ib2R5Og==' }), 401);
    assertProblem(await api('/v1/status', { method: 'POST', body: {} }), 404);
    assertProblem(await post('/v1/track', JSON.stringify({ pad: 'x'.repeat(501 * 1024) })), 413);
  });

  it('does what is written with an idempotency key once', async () => {
    const { url, tokens } = platform();
    const add = async (name: string): Promise<[number, unknown]> => {
      const answer = await fetch(`${url}/v1/sources`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${tokens.adminToken}`,
          'content-type': 'application/json',
          'idempotency-key': `once-${user}`,
        },
        body: JSON.stringify({ name, kind: 'web' }),
      });
      return [answer.status, await answer.json()];
    };
    const first = await add('once');
    assert.equal(first[0], 201);
    assert.deepEqual(await add('once'), first);
    assert.ok([409, 422].includes((await add('twice'))[0]), 'the same key for another request');
  });
}
