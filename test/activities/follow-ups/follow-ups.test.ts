import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApplicationFailure } from '@temporalio/activity';
import { createFollowUpActivities } from '../../../activities/follow-ups/index.ts';
import type { RawItem } from '../../../domain/ingestion/raw.ts';
import { openStorage } from '../../../storage/open.ts';
import type { TenantStore } from '../../../storage/tenant.types.ts';
import { pumpAll, runActivity, SOURCE, tenantOn } from '../tenant.ts';

const LEAD = '123123123123';
const sample = new URL('../../../docs/samples/meta/lead.json', import.meta.url);

describe('following up on the leads of Meta', () => {
  let dir: string;
  let store: TenantStore;
  let graph: Server;
  const asked: string[] = [];
  const woken: string[] = [];
  /** What the vendor answers next: a status, a body, headers. */
  let answers: [number, string, Record<string, string>?][] = [];

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'tessera-leads-'));
    store = await tenantOn(await openStorage({ kind: 'embedded', dir }));
    graph = createServer((request, response) => {
      asked.push(`${request.url ?? ''} ${request.headers.authorization ?? ''}`);
      const [status, body, headers = {}] = answers.shift() ?? [500, ''];
      response.writeHead(status, headers).end(body);
    });
    await new Promise<void>((resolve) => graph.listen(0, '127.0.0.1', resolve));
    const { port } = graph.address() as AddressInfo;
    await connect({ accessToken: 'page-token', graphUrl: `http://127.0.0.1:${port}/v23.0` });
    asked.length = 0;
    woken.length = 0;
    answers = [];
  });
  afterEach(async () => {
    await new Promise((resolve) => graph.close(resolve));
    await store.close();
    await rm(dir, { recursive: true, force: true });
  });

  const connect = (settings: Record<string, string>): Promise<unknown> =>
    store.webhooks.connect(SOURCE, {
      vendor: 'meta',
      secret: 's',
      settings: { verifyToken: 'v', ...settings },
    });
  const add = (...ids: string[]): Promise<void> =>
    store.webhooks.addFollowUps(
      ids.map((id) => ({ source: SOURCE, id, facts: { leadgen_id: id, page_id: '7' } })),
    );
  const left = async (): Promise<string[]> =>
    (await store.webhooks.followUps(SOURCE, 100)).map(({ id }) => id);
  const items = async (): Promise<RawItem[]> => {
    const headers = await store.batches.pending(SOURCE, 0, 100);
    return (await Promise.all(headers.map((header) => store.batches.read(header)))).flat();
  };
  const step = () =>
    runActivity(() =>
      createFollowUpActivities({
        store,
        wake: (source, lane) => {
          woken.push(`${source}/${lane}`);
          return Promise.resolve();
        },
      }).fetchFollowUps({ source: SOURCE }),
    );

  it('fetches the lead with the token in a header, takes it in, and has it in the profile', async () => {
    await add(LEAD);
    answers = [[200, await readFile(sample, 'utf8')]];
    assert.deepEqual(await step(), { fetched: 1, refused: 0, done: true });
    assert.match(asked[0] ?? '', /^\/v23\.0\/123123123123\?fields=[^ ]*field_data[^ ]* Bearer page-token$/);
    assert.deepEqual(await left(), []);
    assert.deepEqual(woken, [`${SOURCE}/0`]);
    await pumpAll(store);
    const profile = await store.profiles.read('email:joe@example.com');
    assert.ok(JSON.stringify(profile).includes('Joe Example'));
  });

  it('changes nothing where a crash has it fetched twice', async () => {
    const lead = await readFile(sample, 'utf8');
    for (let time = 0; time < 2; time++) {
      await add(LEAD);
      answers = [[200, lead]];
      await step();
    }
    await pumpAll(store);
    const { sources, events } = await store.batches.counts();
    assert.deepEqual([events, sources[SOURCE]?.duplicates], [1, 1]);
  });

  it('keeps the lead on the list while the vendor says wait, for as long as it says', async () => {
    await add('1', '2');
    answers = [
      [200, '{"id":"1","created_time":"2026-01-01T00:00:00+0000","field_data":[]}'],
      [429, '{"error":{"code":4}}', { 'retry-after': '120' }],
    ];
    await assert.rejects(step(), (error) => {
      assert.ok(error instanceof ApplicationFailure);
      assert.equal(error.nonRetryable, false);
      assert.equal(error.nextRetryDelay, 120_000);
      return true;
    });
    assert.deepEqual(await left(), ['2']);
    assert.equal((await items()).length, 1, 'what was fetched before is in');
  });

  for (const [what, status, body] of [
    ['an expired token', 400, '{"error":{"code":190,"message":"token of jane@example.com"}}'],
    ['a limit', 400, '{"error":{"code":613}}'],
    ['an error of the API', 500, '{}'],
    ['an answer that is no JSON', 200, '<html>'],
  ] as const) {
    it(`tries again after ${what}, and says nothing of what was answered`, async () => {
      await add(LEAD);
      answers = [[status, body]];
      await assert.rejects(
        step(),
        (error) => error instanceof ApplicationFailure && !error.message.includes('jane'),
      );
      assert.deepEqual(await left(), [LEAD]);
      assert.deepEqual(await items(), []);
    });
  }

  it('puts a lead that the vendor does not give in quarantine, with what its webhook said', async () => {
    await add(LEAD);
    answers = [[400, '{"error":{"code":100,"error_subcode":33}}']];
    assert.deepEqual(await step(), { fetched: 0, refused: 1, done: true });
    await pumpAll(store);
    const { items: held } = await store.quarantine.list({ source: SOURCE });
    assert.equal(held[0]?.reason.code, 'lead-not-given');
    assert.deepEqual((await store.quarantine.original(held[0]))?.body, { leadgen_id: LEAD, page_id: '7' });
  });

  it('waits for a token where there is none', async () => {
    await connect({});
    await add(LEAD);
    assert.deepEqual(await step(), { fetched: 0, refused: 0, done: true });
    assert.deepEqual(await left(), [LEAD]);
    assert.deepEqual(asked, []);
  });
});
