import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'mocha';
import { NOTHING_COUNTED, type LinkRequest } from '../../../domain/link-records/run.ts';
import { createLinkageStore } from '../../../storage/linkage/store.ts';
import type { LinkageStore, RecordKeys, ScoredPair } from '../../../storage/linkage/types.ts';
import { createVault } from '../../../storage/vault/vault.ts';
import { storageSets } from '../../support/storage-sets.ts';
import type { TestStorage } from '../../support/storage-sets.ts';

const fragment = (): string => randomBytes(16).toString('base64url');

function request(runId: string): LinkRequest {
  return {
    runId,
    sources: ['crm'],
    recordType: 'crmId',
    mode: 'full',
    dryRun: false,
    thresholdLink: 0.5,
    thresholdReview: 0.2,
    requestedAt: '2026-01-01T00:00:00.000Z',
    requestedBy: 'admin',
  };
}

async function* inParts(records: readonly RecordKeys[]): AsyncGenerator<RecordKeys[]> {
  for (let at = 0; at < records.length; at += 7) yield await Promise.resolve(records.slice(at, at + 7));
}

for (const set of storageSets) {
  describe(`linkage on ${set.name} storage`, function () {
    this.timeout(60_000);
    let storage: TestStorage;
    let linkage: LinkageStore;

    before(async () => {
      storage = await set.open();
      linkage = createLinkageStore({
        tenant: 'test',
        storage,
        vault: createVault({ tenant: 'test', storage }),
      });
    });
    after(() => storage.close());

    it('keeps a request once, its outcome beside it, and lists runs newest first', async () => {
      const ids = ['01A', '01B', '01C'];
      for (const id of ids) await linkage.runs.putRequest(request(id));
      await linkage.runs.putRequest({ ...request('01A'), dryRun: true });
      assert.equal((await linkage.runs.request('01A'))?.dryRun, false);
      const progress = {
        ...NOTHING_COUNTED,
        runId: '01B',
        sources: ['crm'],
        dryRun: false,
        stage: 'done',
      } as const;
      await linkage.runs.putOutcome(progress, { finishedAt: '2026-01-02T00:00:00.000Z' });
      const first = await linkage.runs.list({ limit: 2 });
      assert.deepEqual(
        first.items.map((run) => run.request.runId),
        ['01C', '01B'],
      );
      assert.equal(first.items[1]?.progress?.stage, 'done');
      const second = await linkage.runs.list({ limit: 2, cursor: first.cursor ?? '' });
      assert.deepEqual(
        second.items.map((run) => run.request.runId),
        ['01A'],
      );
      assert.equal(second.cursor, null);
      assert.equal(await linkage.runs.run('01Z'), undefined);
    });

    it('puts aside objects larger than a part, and removes all of a run', async () => {
      const rows = Array.from({ length: 40_000 }, () => randomBytes(200).toString('base64'));
      await linkage.work.put('r1', 'records', 0, rows);
      assert.deepEqual(await linkage.work.get('r1', 'records', 0), rows);
      assert.equal(await linkage.work.has('r1', 'records', 1), false);
      await linkage.work.remove('r1');
      assert.equal(await linkage.work.get('r1', 'records', 0), undefined);
    });

    it('lists pairs for review by likelihood, moves them as they are decided, and keeps every decision', async () => {
      const from = { model: 'm1', runId: 'r1', comparedAt: '2026-01-01T00:00:00.000Z' };
      const pairs = [0.3, 0.9, 0.6].map((probability): ScoredPair => ({
        a: { fragment: fragment(), type: 'crmId' },
        b: { fragment: fragment(), type: 'crmId' },
        weight: probability * 10,
        probability,
      }));
      assert.equal(await linkage.reviews.offer(pairs, from), 3);
      assert.equal(await linkage.reviews.offer(pairs, from), 3);
      const page = await linkage.reviews.list('open', { limit: 2 });
      assert.deepEqual(
        page.items.map((review) => review.probability),
        [0.9, 0.6],
      );
      const rest = await linkage.reviews.list('open', { limit: 2, cursor: page.cursor ?? '' });
      assert.deepEqual(
        rest.items.map((review) => review.probability),
        [0.3],
      );
      const [top] = page.items;
      const later = { state: 'rejected', by: 'b', reason: 'no', at: '2026-01-03T00:00:00.000Z' } as const;
      const earlier = { state: 'accepted', by: 'a', reason: 'yes', at: '2026-01-02T00:00:00.000Z' } as const;
      await linkage.reviews.decide(top!.id, later);
      const decided = await linkage.reviews.decide(top!.id, earlier);
      assert.equal(decided?.state, 'rejected', 'the later decision stands, whichever came here first');
      assert.deepEqual(decided.decisions, [earlier, later]);
      assert.deepEqual(
        (await linkage.reviews.list('rejected')).items.map(({ id }) => id),
        [top!.id],
      );
      assert.equal((await linkage.reviews.list('open')).items.length, 2);
      assert.equal((await linkage.reviews.list('accepted')).items.length, 0);
    });

    it('leaves a decided pair decided, and gives an open one the score of the newer run', async () => {
      const [a, b] = [fragment(), fragment()].map((id) => ({ fragment: id, type: 'crmId' }));
      const pair = { a: a!, b: b!, weight: 1, probability: 0.5 };
      const from = { model: 'm1', runId: 'r2', comparedAt: '2026-01-01T00:00:00.000Z' };
      await linkage.reviews.offer([pair], from);
      await linkage.reviews.offer([{ ...pair, a: b!, b: a!, probability: 0.7 }], { ...from, runId: 'r3' });
      const open = await linkage.reviews.list('open', { limit: 1 });
      const review = open.items.find((item) => item.runId === 'r3');
      assert.equal(review?.probability, 0.7);
      const decision = { state: 'accepted', by: 'a', reason: 'yes', at: '2026-01-02T00:00:00.000Z' } as const;
      await linkage.reviews.decide(review.id, decision);
      assert.equal(await linkage.reviews.offer([pair], { ...from, runId: 'r4' }), 0);
      assert.equal((await linkage.reviews.get(review.id))?.runId, 'r3');
    });

    it('finds records by blocking key, follows changes, and holds no key in clear', async () => {
      const records = Array.from({ length: 300 }, (_, at): RecordKeys => ({
        fragment: fragment(),
        version: 1,
        keys: [`email:${at % 100}`, `name:${at}`],
      }));
      assert.equal(await linkage.index.build('i1', inParts(records), () => undefined), 300);
      const sharing = records.filter((_, at) => at % 100 === 7).map((record) => record.fragment);
      const [found, none] = await linkage.index.lookup('i1', ['email:7', 'email:none']);
      assert.deepEqual(found?.sort(), sharing.sort());
      assert.deepEqual(none, []);
      assert.equal((await linkage.index.versions('i1')).size, 300);
      const changed = { ...records[7]!, version: 2, keys: ['email:new'] };
      const fresh = { fragment: fragment(), version: 1, keys: ['email:7'] };
      await linkage.index.upsert('i1', [changed, fresh]);
      await linkage.index.upsert('i1', [{ ...changed, version: 1, keys: ['email:old'] }]);
      const [kept, moved, old] = await linkage.index.lookup('i1', ['email:7', 'email:new', 'email:old']);
      assert.deepEqual(
        kept?.sort(),
        [...sharing.filter((id) => id !== changed.fragment), fresh.fragment].sort(),
      );
      assert.deepEqual(moved, [changed.fragment]);
      assert.deepEqual(old, [], 'what is older than the index has changes nothing');
      assert.equal((await linkage.index.versions('i1')).get(changed.fragment), 2);
      for await (const item of storage.log.scan('link-index/'))
        assert.ok(!Buffer.from(item.value).includes('email:'));
      await linkage.index.remove('i1');
      await assert.rejects(linkage.index.lookup('i1', ['email:7']), /no index/);
      for await (const item of storage.log.scan('link-index/i1')) assert.fail(item.pk);
    });
  });
}
