import assert from 'node:assert/strict';
import type { Evidence, GraphNode } from '../../../domain/identity/evidence.ts';
import type { ResolutionTask } from '../../../domain/identity/resolution.ts';
import { startGateway } from './support.ts';
import type { Answer, Running } from './support.ts';

interface Held {
  readonly holdId: string;
  readonly kind: string;
  readonly seenWith: number | null;
  readonly identifiers: readonly { readonly type: string; readonly fragment: string }[];
}

describe('the API of holds', () => {
  let running: Running;

  beforeEach(async () => {
    running = await startGateway();
    const set = await running.api('/v1/identity/rules', {
      method: 'PUT',
      body: {
        alarm: { identifiers: 4 },
        sharedDevice: { types: ['deviceId'], after: 2 },
        junk: { after: 5 },
      },
    });
    assert.equal(set.status, 200, JSON.stringify(set.body));
  });
  afterEach(() => running.stop());

  const node = (type: string, value: string): GraphNode => ({
    fragment: running.store.log.address({ type, value }),
    type,
  });
  let seconds = 0;
  const between = (x: GraphNode, y: GraphNode): Evidence => ({
    ...(x.fragment < y.fragment ? { a: x, b: y } : { a: y, b: x }),
    rule: 'same-event',
    firstSeen: new Date(Date.UTC(2026, 0, 1) + ++seconds * 1_000).toISOString(),
    source: 'web',
    messageId: `message-${seconds}`,
  });
  const told = async (pieces: readonly Evidence[]): Promise<void> => {
    for (const [n, piece] of pieces.entries())
      await running.store.directory.resolve({ nodes: [], evidence: [piece] }, `b${seconds}-${n}`);
  };
  const list = async (query = ''): Promise<Held[]> => {
    const answer = await running.api(`/v1/identity/holds${query}`);
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    return answer.body['items'] as Held[];
  };
  const post = (id: string, verdict: string, body: object = {}): Promise<Answer> =>
    running.api(`/v1/identity/holds/${id}/${verdict}?wait=false`, {
      method: 'POST',
      body: { reason: 'looked at it', actor: 'jane', ...body },
    });
  /** Carries out what was asked, as the run does. */
  const carriedOut = async ({ status, body }: Answer): Promise<ResolutionTask> => {
    assert.equal(status, 202, JSON.stringify(body));
    const asked = await running.store.resolutions.get(String(body['decisionId']));
    assert.ok(asked && (asked.task.kind === 'link' || asked.task.kind === 'never-link'));
    assert.deepEqual([asked.reason, asked.actor], ['looked at it', 'jane']);
    const { a, b, kind } = asked.task;
    const rule = kind === 'link' ? 'always' : 'never';
    const by = { firstSeen: asked.requestedAt, source: 'operator', messageId: asked.id };
    await running.store.directory.resolve({ nodes: [], evidence: [{ a, b, rule, ...by }] }, asked.id);
    return asked.task;
  };
  const profile = async ({ fragment }: GraphNode): Promise<string | undefined> =>
    (await running.store.directory.profileOf(fragment))?.profileId;

  it('lists a join beyond the alarm once, and links it without pushing anybody out', async () => {
    const [hub, ...phones] = [
      node('userId', 'jane'),
      ...['1', '2', '3', '4'].map((value) => node('phone', value)),
    ];
    await told(phones.map((phone) => between(hub, phone)));
    const [held, ...others] = await list('?kind=held');
    assert.equal(others.length, 0);
    assert.ok(held);
    const last = phones.at(-1);
    assert.ok(held.identifiers.some(({ fragment }) => fragment === last?.fragment));
    assert.deepEqual((await running.api(`/v1/identity/holds/${held.holdId}`)).body, held);
    assert.equal((await post(held.holdId, 'release', { to: 'userId:jane' })).status, 422);

    assert.equal((await carriedOut(await post(held.holdId, 'release'))).kind, 'link');
    for (const phone of phones) assert.equal(await profile(phone), await profile(hub));
    assert.deepEqual(await list(), []);
    assert.equal((await running.api(`/v1/identity/holds/${held.holdId}`)).status, 404);
    assert.equal((await post(held.holdId, 'release')).body['type'], 'urn:tessera:error:no-such-hold');
  });

  it('keeps apart for good what is dismissed', async () => {
    const hub = node('userId', 'jane');
    const phones = ['1', '2', '3', '4'].map((value) => node('phone', value));
    await told(phones.map((phone) => between(hub, phone)));
    const [held] = await list();
    assert.ok(held);
    assert.equal((await carriedOut(await post(held.holdId, 'dismiss'))).kind, 'never-link');
    assert.deepEqual(await list(), []);
    assert.notEqual(await profile(phones.at(-1) ?? hub), await profile(hub));
  });

  it('gives an identifier that stands by itself to whom it is released to', async () => {
    const device = node('deviceId', 'kiosk');
    const people = ['jane', 'john', 'joan'].map((value) => node('userId', value));
    await told(people.map((person) => between(person, device)));
    const junk = node('email', 'shop@example.com');
    await told(Array.from({ length: 7 }, (_, n) => between(node('userId', `u${n}`), junk)));
    assert.deepEqual((await list()).map(({ kind }) => kind).sort(), ['junk', 'shared-device']);
    const [shared] = await list('?kind=shared-device');
    assert.ok(shared);
    assert.deepEqual([shared.holdId, shared.seenWith], [device.fragment, 3]);
    assert.equal((await post(shared.holdId, 'dismiss')).status, 422);
    const missing = await post(shared.holdId, 'release');
    assert.equal(missing.body['type'], 'urn:tessera:error:missing');

    await carriedOut(await post(shared.holdId, 'release', { to: 'userId:john' }));
    assert.equal(await profile(device), await profile(people[1] ?? device));
    assert.notEqual(await profile(device), await profile(people[0] ?? device));
    assert.deepEqual(
      (await list()).map(({ kind }) => kind),
      ['junk'],
    );
  });

  it('puts up what a source may only suggest, and nothing of one that may not even that', async () => {
    const set = await running.api('/v1/identity/rules', {
      method: 'PUT',
      body: { unique: [], limits: {}, known: ['userId'], trust: { web: 'suggest', kiosk: 'none' } },
    });
    assert.equal(set.status, 200, JSON.stringify(set.body));
    const [jane, mrs, john] = [node('userId', 'jane'), node('userId', 'mrs-jane'), node('userId', 'john')];
    await told([between(jane, mrs), { ...between(jane, john), source: 'kiosk' }]);
    const [suggested, ...others] = await list();
    assert.deepEqual([suggested?.kind, others.length], ['suggested', 0]);
    await carriedOut(await post(suggested?.holdId ?? '', 'release'));
    assert.equal(await profile(jane), await profile(mrs));
    assert.deepEqual(await list(), []);
  });

  it('pages through all of them, within a profile and over many', async () => {
    const hub = node('userId', 'jane');
    await told(Array.from({ length: 4 }, (_, n) => between(hub, node('orderId', `o${n}`))));
    await told(Array.from({ length: 4 }, (_, n) => between(hub, node('loyaltyId', `l${n}`))));
    const all = (await list()).map(({ holdId }) => holdId);
    assert.equal(all.length, 5);
    const paged: string[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const query: string = cursor === '' ? '' : `&cursor=${cursor}`;
      const { body }: Answer = await running.api(`/v1/identity/holds?limit=1${query}`);
      const items = body['items'] as Held[];
      assert.ok(items.length <= 1);
      paged.push(...items.map(({ holdId }) => holdId));
      cursor = body['cursor'] as string | null;
    }
    assert.deepEqual(paged, all);
    assert.equal((await running.api('/v1/identity/holds?cursor=nonsense')).status, 400);
  });
});
