import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { COMPUTE_PART } from '../../../activities/link-records/types.ts';
import { runEngine } from '../../../activities/link-records/engine/host.ts';
import { decideReview } from '../../../storage/linkage/decide.ts';
import { createMatch } from '../../../storage/linkage/match.ts';
import { describePair } from '../../../storage/linkage/pair.ts';
import type { TenantStore } from '../../../storage/tenant.types.ts';
import { openTenant } from '../../../storage/tenant.ts';
import { openStorage } from '../../../storage/open.ts';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TENANT, tenantOn } from '../tenant.ts';
import { peopleRows, type PersonRow } from '../../support/person-rows.ts';
import { partitionOf, requestOf, runAll, takeIn } from './people.ts';

const truth = (value: string): string => value.split('-')[0] ?? '';

describe('linking records', function () {
  this.timeout(60_000);
  let dir = '';
  let store: TenantStore;

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'tessera-link-'));
    store = await tenantOn(await openStorage({ kind: 'embedded', dir }));
  });
  afterEach(async () => {
    await store.close();
    await rm(dir, { recursive: true, force: true });
  });

  it('finds the records of each person, tells identity, and changes nothing when it runs again', async () => {
    const rows = peopleRows(1, 150);
    await takeIn(store, rows, 'one');
    const { read, computed } = await runAll(store, requestOf('r1'));
    assert.equal(read.records, rows.length);
    const found = await partitionOf(store);
    const wrong = found.filter((group) => new Set(group.map(truth)).size > 1);
    assert.deepEqual(wrong, [], 'no two people became one');
    assert.ok(found.length < 165, `${found.length} profiles of 150 people`);
    assert.equal(computed.links, rows.length - found.length);
    assert.equal((await store.batches.counts()).profiles, found.length, 'profiles are counted as they are');
    const again = await runAll(store, requestOf('r2', { model: 'r1' }));
    assert.equal(again.computed.links, computed.links);
    assert.deepEqual(await partitionOf(store), found);
    assert.equal((await store.batches.counts()).profiles, found.length);
    const run = await store.linkage.runs.run('r1');
    assert.equal(run?.progress?.linked, computed.links);
    assert.equal(run.report?.records, rows.length);
    assert.ok(run.report.blocking.length > 3);
    assert.deepEqual(await store.storage.blobs.list('linkage/runs/'), [], 'nothing put aside is left');
  });

  it('links nothing in a dry run, and by its model afterwards', async () => {
    await takeIn(store, peopleRows(2, 60), 'one');
    const before = await partitionOf(store);
    const { computed } = await runAll(store, requestOf('r1', { dryRun: true }));
    assert.ok(computed.links > 20);
    assert.deepEqual(await partitionOf(store), before);
    assert.equal(await store.linkage.runs.current(requestOf('r1')), undefined);
    await runAll(store, requestOf('r2', { model: 'r1' }));
    assert.equal((await partitionOf(store)).length, before.length - computed.links);
  });

  it('ends with the same profiles whether records come at once or bit by bit, in any order', async () => {
    const rows = peopleRows(3, 120);
    const dirs = [dir];
    const partitions: string[][][] = [];
    // The model of the whole set is what both ways link by.
    await takeIn(store, rows, 'one');
    await runAll(store, requestOf('model'));
    const kept = await store.linkage.models.get('model');
    partitions.push(await partitionOf(store));
    for (const order of [rows, [...rows].reverse()]) {
      const other = await mkdtemp(join(tmpdir(), 'tessera-link-'));
      dirs.push(other);
      const bitwise = await tenantOn(await openStorage({ kind: 'embedded', dir: other }));
      try {
        await bitwise.linkage.models.put(kept!);
        const third = Math.ceil(order.length / 3);
        await takeIn(bitwise, order.slice(0, third), 'a');
        await runAll(bitwise, requestOf('full', { model: 'model' }));
        for (const [at, name] of [
          [1, 'b'],
          [2, 'c'],
        ] as const) {
          const some = order.slice(at * third, (at + 1) * third);
          await takeIn(bitwise, some, name);
          const { read } = await runAll(bitwise, requestOf(`inc-${name}`, { mode: 'incremental' }));
          assert.equal(read.records, some.length, `only what is new is read: ${name}`);
        }
        const idle = await runAll(bitwise, requestOf('idle', { mode: 'incremental' }));
        assert.equal(idle.read.records, 0);
        partitions.push(await partitionOf(bitwise));
      } finally {
        await bitwise.close();
        await rm(other, { recursive: true, force: true });
      }
    }
    assert.deepEqual(partitions[1], partitions[0]);
    assert.deepEqual(partitions[2], partitions[0]);
  });

  it('says clearly why it refuses, and links nothing', async () => {
    const empty = await runAll(store, requestOf('none'));
    assert.equal(empty.computed.refused?.code, 'too-few-records');
    await takeIn(
      store,
      [1, 2, 3].map((n) => ({ rec_id: `n${n}` })),
      'nulls',
    );
    const nulls = await runAll(store, requestOf('nulls'));
    assert.equal(nulls.computed.refused?.code, 'nothing-to-compare');
    assert.match(nulls.computed.refused.detail, /check the mapping/i);
    const run = await store.linkage.runs.run('nulls');
    assert.equal(run?.progress?.stage, 'failed');
    assert.equal((await partitionOf(store)).length, 3);
    await assert.rejects(runAll(store, requestOf('x', { sources: ['nowhere'] })), /no source "nowhere"/);
    await assert.rejects(runAll(store, requestOf('y', { model: 'no' })), /no model "no"/);
    await assert.rejects(runAll(store, requestOf('z', { mode: 'incremental' })), /not linked before/);
    await assert.rejects(runAll(store, requestOf('u', { recordType: 'userId' })), /one userId a profile/);
  });

  const row = (n: number, fields: PersonRow): PersonRow => ({ rec_id: `n${n}`, ...fields });
  for (const [what, count, fields, code, detail] of [
    ['columns of one value', 60, () => ({ given_name: 'anna', surname: 'frei' }), 'all-alike', /alike|same/],
    [
      'columns of nothing but different values',
      60,
      (n: number) => ({ given_name: `name${n}x${n * 7}`, soc_sec_id: `${5_000_000 + n * 7_919}` }),
      'nothing-in-common',
      /nothing to link/,
    ],
    [
      'a key that all share',
      1_000,
      (n: number) => ({ given_name: 'anna', surname: 'frei', suburb: `town${n}` }),
      'blocks-too-large',
      /given \+ surname.* 499500 pairs/,
    ],
    ['dates that are none', 60, () => ({ date_of_birth: 'yesterday' }), 'nothing-to-compare', /mapping/],
  ] as const)
    it(`refuses ${what}, says so on the run, and links nothing`, async () => {
      await takeIn(
        store,
        Array.from({ length: count }, (_, n) => row(n, fields(n))),
        'odd',
      );
      const { computed } = await runAll(store, requestOf('odd'));
      assert.equal(computed.refused?.code, code);
      assert.match(computed.refused.detail, detail);
      assert.equal((await store.linkage.runs.run('odd'))?.progress?.stage, 'failed');
      assert.equal((await partitionOf(store)).length, count);
    });

  it('says that a model did not converge, and links nothing by it', async () => {
    await takeIn(store, peopleRows(2, 60), 'one');
    const before = await partitionOf(store);
    await runAll(store, requestOf('r1', { dryRun: true }));
    const model = await store.linkage.models.get('r1');
    await store.linkage.models.put({
      ...model!,
      version: 'r2',
      model: { ...model!.model, converged: false },
    });
    const { computed } = await runAll(store, requestOf('r3', { model: 'r2' }));
    assert.equal(computed.refused?.code, 'not-converged');
    assert.match(computed.refused.detail, /did not converge.*nothing is linked/);
    assert.deepEqual(await partitionOf(store), before);
  });

  it('shows a pair as it was compared, and keeps to what people decide', async () => {
    await takeIn(store, peopleRows(4, 80), 'one');
    // So high a threshold that what is certain enough otherwise is put up for review.
    await runAll(store, requestOf('r1', { thresholdLink: 0.999999999 }));
    const open = await store.linkage.reviews.list('open');
    const review = open.items.find(({ probability }) => probability > 0.9);
    assert.ok(review, 'there is a pair to review');
    const pair = await describePair(store, review);
    assert.ok(pair.waterfall);
    assert.ok(Math.abs(pair.waterfall.total - review.weight) < 1e-3, 'the score is computed again exactly');
    assert.match(pair.a.identifier ?? '', /^crmId:p\d+-\d$/);
    assert.notEqual(pair.a.profileId, pair.b.profileId);
    const by = { by: 'ann', reason: 'same handwriting' };
    const accepted = await decideReview(store, review, { state: 'accepted', ...by });
    assert.equal(accepted.profiles.length, 1);
    const rejected = await decideReview(store, accepted.review, { state: 'rejected', ...by });
    assert.equal(rejected.profiles.length, 2, 'the later decision stands');
    assert.equal(rejected.review.decisions.length, 2);
    await runAll(store, requestOf('r2'));
    assert.equal((await store.batches.counts()).profiles, (await partitionOf(store)).length);
    const heads = await Promise.all(
      [review.a, review.b].map((node) => store.directory.profileOf(node.fragment)),
    );
    assert.notEqual(heads[0]?.profileId, heads[1]?.profileId, 'no model links what a person keeps apart');
  });

  it('matches one new record by the index, as a batch would weigh it', async () => {
    const rows = peopleRows(5, 100);
    await takeIn(store, rows, 'one');
    await runAll(store, requestOf('r1'));
    const scope = await store.linkage.runs.current(requestOf('r1'));
    const match = createMatch(store);
    const row = rows[10]!;
    const person = {
      given: row['given_name']!,
      surname: row['surname']!,
      birthDate: row['date_of_birth']!,
      postcode: row['postcode']!,
      city: row['suburb']!,
    };
    const { candidates } = await match(scope!, person, 5);
    assert.equal(truth(candidates[0]?.identifier?.slice('crmId:'.length) ?? ''), truth(row['rec_id']!));
    assert.ok((candidates[0]?.probability ?? 0) > 0.9);
    assert.deepEqual((await match(scope!, { given: 'nobody', surname: 'here' }, 5)).candidates, []);
  });

  it('runs the engine in a process of its own, and goes on after it was killed', async () => {
    await takeIn(store, peopleRows(6, 30), 'one');
    await store.linkage.runs.putRequest(requestOf('r1'));
    const order = { tenant: TENANT, runId: 'r1', storage: { kind: 'embedded', dir } } as const;
    const stop = new AbortController();
    stop.abort();
    await assert.rejects(
      runEngine({ task: 'read', ...order }, { signal: stop.signal, beat: () => undefined }),
      /cancelled/,
    );
    const watch = { signal: new AbortController().signal, beat: () => undefined };
    await runEngine({ task: 'read', ...order }, watch);
    const computed = (await runEngine({ task: 'compute', ...order }, watch)) as { links: number };
    assert.ok(computed.links > 10);
    const mine = await openTenant({ tenant: TENANT, storage: await openStorage(order.storage) });
    assert.equal(
      (await mine.linkage.work.get<{ links: number }>('r1', 'result', COMPUTE_PART))?.links,
      computed.links,
    );
    await mine.close();
    await assert.rejects(
      runEngine({ task: 'read', ...order, runId: 'nothing' }, watch),
      /there is no run nothing/,
    );
  });
});
