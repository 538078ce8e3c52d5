import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { requestOf, runAll, takeIn } from '../../activities/link-records/people.ts';
import { peopleRows } from '../../support/person-rows.ts';
import { startGateway } from './support.ts';
import type { Running } from './support.ts';

const problemType = (code: string): string => `urn:tessera:error:${code}`;

describe('linking records by the API', function () {
  this.timeout(60_000);
  let running: Running;
  const rows = peopleRows(8, 60);

  before(async () => {
    running = await startGateway();
  });
  after(() => running.stop());

  const post = (path: string, body: unknown) => running.api(path, { method: 'POST', body });

  it('starts a run as it was asked, and refuses what can not be with the field to change', async () => {
    const started = await post('/v1/identity/runs', { sources: ['pos', 'crm', 'crm'], dryRun: true });
    assert.equal(started.status, 202);
    const runId = String(started.body['runId']);
    const kept = await running.store.linkage.runs.request(runId);
    assert.deepEqual(kept?.sources, ['crm', 'pos']);
    assert.deepEqual(
      [kept.dryRun, kept.mode, kept.recordType, kept.thresholdLink],
      [true, 'full', 'crmId', 0.5],
    );
    assert.equal(started.body['statusUrl'], `/v1/identity/runs/${runId}`);
    const shown = await running.api(`/v1/identity/runs/${runId}`);
    assert.equal(shown.body['stage'], 'listing');
    for (const [body, status, code] of [
      [{ sources: ['nowhere'] }, 404, 'no-such-source'],
      [{ sources: [] }, 400, 'invalid-request'],
      [{ sources: ['crm'], thresholdLink: 0.1, thresholdReview: 0.5 }, 422, 'thresholds-crossed'],
      [{ sources: ['crm'], thresholdLink: 1.5 }, 400, 'invalid-request'],
      [{ sources: ['crm'], model: 'none' }, 422, 'no-such-model'],
    ] as const) {
      const answer = await post('/v1/identity/runs', body);
      assert.equal(answer.status, status);
      assert.equal(answer.body['type'], problemType(code));
    }
    assert.equal((await running.api('/v1/identity/runs/none')).status, 404);
  });

  it('has nothing to match against before anything was linked', async () => {
    const answer = await post('/v1/identity/match', { person: { given: 'anna' } });
    assert.equal(answer.status, 409);
    assert.equal(answer.body['type'], problemType('not-linked-yet'));
  });

  it('shows a run with its report, and lists it', async () => {
    await takeIn(running.store, rows, 'one');
    await runAll(running.store, requestOf('r1', { thresholdLink: 0.9999999 }));
    const { body } = await running.api('/v1/identity/runs/r1');
    assert.equal(body['stage'], 'done');
    assert.equal(body['records'], rows.length);
    const report = body['report'] as { blocking: unknown[]; comparisons: unknown[]; precision: number };
    assert.ok(report.blocking.length > 0 && report.comparisons.length > 0 && report.precision > 0.5);
    const listed = (await running.api('/v1/identity/runs')).body['items'] as Record<string, unknown>[];
    assert.ok(listed.some((run) => run['runId'] === 'r1' && run['report'] === undefined));
  });

  it('matches a record with its waterfall, and refuses fields that are none', async () => {
    const row = rows[0]!;
    const person = { given: row['given_name'], surname: row['surname'], birthDate: row['date_of_birth'] };
    const { status, body } = await post('/v1/identity/match', { person, limit: 3 });
    assert.equal(status, 200);
    const [top] = body['candidates'] as Record<string, unknown>[];
    assert.match(String(top?.['identifier']), /^crmId:p0-/);
    assert.match(String(top?.['profileId']), /^p_/);
    const { prior, steps, total } = top?.['waterfall'] as {
      prior: number;
      steps: { weight: number }[];
      total: number;
    };
    const sum = steps.reduce((all, { weight }) => all + weight, prior);
    assert.ok(Math.abs(sum - total) < 1e-6, 'the bars add up to the total');
    for (const wrong of [{}, { givenName: 'x' }, { given: '' }])
      assert.equal((await post('/v1/identity/match', { person: wrong })).status, 400);
    const elsewhere = await post('/v1/identity/match', { person, sources: ['crm'] });
    assert.equal(elsewhere.status, 409);
  });

  it('takes decisions on pairs, with a reason, and lists them by state', async () => {
    const open = (await running.api('/v1/identity/reviews?limit=1')).body;
    const [review] = open['items'] as Record<string, unknown>[];
    const id = String(review?.['id']);
    const shown = (await running.api(`/v1/identity/reviews/${id}`)).body;
    assert.match(JSON.stringify(shown['a']), /"identifier":"crmId:p/);
    assert.ok(shown['waterfall']);
    assert.equal((await post(`/v1/identity/reviews/${id}/accept`, {})).status, 400);
    const accepted = await post(`/v1/identity/reviews/${id}/accept`, {
      reason: 'the same hand',
      actor: 'ann',
    });
    assert.equal(accepted.status, 200);
    assert.equal((accepted.body['profiles'] as unknown[]).length, 1);
    const rejected = await post(`/v1/identity/reviews/${id}/reject`, { reason: 'father and son' });
    assert.equal((rejected.body['profiles'] as unknown[]).length, 2);
    assert.deepEqual(
      (rejected.body['decisions'] as { state: string; by: string }[]).map(({ state, by }) => [state, by]),
      [
        ['accepted', 'ann'],
        ['rejected', 'operator'],
      ],
    );
    const items = (await running.api('/v1/identity/reviews?state=rejected')).body['items'] as object[];
    assert.equal(items.length, 1);
    assert.equal((await post('/v1/identity/reviews/none/accept', { reason: 'x' })).status, 404);
  });
});
