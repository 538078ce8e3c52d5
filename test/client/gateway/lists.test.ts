import assert from 'node:assert/strict';
import fc from 'fast-check';
import { pageOfList } from '../../../client/gateway/api/whole-list.ts';
import { startGateway } from './support.ts';
import type { Running } from './support.ts';

type Item = Record<string, unknown>;

describe('a page of a list that is read whole', () => {
  const self = (key: string): string => key;

  it('tells every item once, whatever is added and removed elsewhere meanwhile', () => {
    const keys = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 3 }), { minLength: 2, maxLength: 12 });
    fc.assert(
      fc.property(keys, fc.nat(), fc.integer({ min: 1, max: 4 }), (all, at, limit) => {
        const changing = all[at % all.length];
        const without = all.filter((key) => key !== changing);
        const told: string[] = [];
        let cursor: string | null = null;
        for (let page = 0; page === 0 || cursor !== null; page += 1) {
          const now = page % 2 === 0 ? all : without;
          const answer: ReturnType<typeof pageOfList<string>> = pageOfList(now, self, {
            limit,
            cursor: cursor ?? undefined,
          });
          told.push(...answer.items);
          ({ cursor } = answer);
        }
        assert.deepEqual(
          told.filter((key) => key !== changing),
          without,
        );
      }),
    );
  });

  it('has no cursor where nothing follows', () => {
    assert.deepEqual(pageOfList(['a', 'b'], self, { limit: 2 }), { items: ['a', 'b'], cursor: null });
    assert.deepEqual(pageOfList([], self, { limit: 2 }), { items: [], cursor: null });
  });
});

describe('lists of the API', () => {
  let running: Running;
  before(async () => {
    running = await startGateway();
    const send = async (method: string, path: string, body: unknown): Promise<void> => {
      const answer = await running.api(path, { method, body });
      assert.ok(answer.status < 300, `${path}: ${JSON.stringify(answer.body)}`);
    };
    for (const [name, source] of [
      ['shop', 'pos'],
      ['site', 'web'],
    ]) {
      const rules = [{ event: 'Order Completed', schema: { required: ['userId'] } }];
      await send('POST', '/v1/tracking-plans', { name, sources: [source], rules });
    }
    await send('POST', '/v1/tracking-plans', { name: 'shop', sources: ['pos'], rules: [] });
    for (const name of ['one', 'other']) {
      const action = { kind: 'import', folder: `/${name}` };
      await send('PUT', `/v1/schedules/pos/${name}`, { action, every: 'PT5M' });
      await send('POST', '/v1/trait-policies', { trait: name, policy: 'first' });
    }
    await send('PUT', '/v1/identity/rules', { junk: null });
  });
  after(() => running.stop());

  async function page(path: string): Promise<{ items: Item[]; cursor: string | null }> {
    const { status, body } = await running.api(path);
    assert.equal(status, 200, path);
    return body as { items: Item[]; cursor: string | null };
  }

  async function pages(path: string, limit: number): Promise<Item[][]> {
    const found: Item[][] = [];
    let cursor: string | null = null;
    do {
      const after: string = cursor === null ? '' : `&cursor=${cursor}`;
      const answer = await page(`${path}?limit=${limit}${after}`);
      found.push(answer.items);
      ({ cursor } = answer);
    } while (cursor !== null);
    return found;
  }

  it('take limit and cursor, all of them', async () => {
    const { body } = await running.api('/openapi.json');
    let lists = 0;
    for (const [path, { get }] of Object.entries(body['paths'] as Record<string, { get?: Item }>)) {
      const { responses, parameters = [] } = (get ?? {}) as {
        responses?: Record<string, { content?: Record<string, { schema?: { properties?: object } }> }>;
        parameters?: { name: string }[];
      };
      const { properties = {} } = responses?.['200']?.content?.['application/json']?.schema ?? {};
      if (!('items' in properties && 'cursor' in properties)) continue;
      const names = parameters.map(({ name }) => name);
      assert.ok(names.includes('limit') && names.includes('cursor'), path);
      lists += 1;
    }
    assert.ok(lists >= 20, `${lists} lists`);
  });

  for (const path of [
    '/v1/sources',
    '/v1/mappings',
    '/v1/tracking-plans',
    '/v1/tracking-plans/shop/versions',
    '/v1/health',
    '/v1/schedules',
    '/v1/identity/rules/versions',
    '/v1/trait-policies',
    '/v1/trait-policies/changes',
  ]) {
    it(`answer ${path} whole, or by pages that come to the same`, async () => {
      const whole = await page(path);
      assert.equal(whole.cursor, null);
      assert.ok(whole.items.length >= 2);
      const single = await pages(path, 1);
      assert.ok(single.every((items) => items.length === 1));
      assert.deepEqual(single.flat(), whole.items);
    });
  }

  for (const path of ['/v1/sources', '/v1/quarantine/counts', '/v1/tracking-plans/violations']) {
    it(`refuse a cursor of no list of theirs on ${path}`, async () => {
      for (const cursor of ['bm9uZQ', Buffer.from('["a","0"]').toString('base64url')]) {
        const { status, body } = await running.api(`${path}?cursor=${cursor}`);
        assert.equal(status, 400);
        assert.equal(body['type'], 'urn:tessera:error:invalid-cursor');
      }
    });
  }

  it('answer the files of an import of a folder across the pages that they are stored in', async () => {
    const body = { source: 'pos', folder: '/many' };
    const started = await running.api('/v1/folder-imports', { method: 'POST', body });
    const folderId = String(started.body['folderId']);
    const all = Array.from({ length: 230 }, (_, at) => ({
      path: `/many/${at}.csv`,
      outcome: 'imported' as const,
    }));
    for (const stored of [0, 1, 2])
      await running.store.imports.folders.putDone(
        folderId,
        stored,
        all.slice(stored * 100, stored * 100 + 100),
      );
    const path = `/v1/folder-imports/${folderId}/files`;
    for (const limit of [1_000, 100, 90, 230]) assert.deepEqual((await pages(path, limit)).flat(), all);
    assert.deepEqual(
      (await pages(path, 90)).map((items) => items.length),
      [90, 90, 50],
    );
    assert.equal((await page(path)).items.length, 100);
  });
});
