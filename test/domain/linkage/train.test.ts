import assert from 'node:assert/strict';
import fc from 'fast-check';
import { historical } from '../../../bench/people/historical.ts';
import {
  cluster,
  evaluate,
  prepare,
  qualityReport,
  score,
  train,
  waterfall,
  Matcher,
  type PersonRecord,
  type RefusalReason,
} from '../../../domain/linkage/index.ts';
import { modelOf, people, recordsOf, shuffled } from './samples.ts';

function refusal(records: readonly PersonRecord[]): { reason: RefusalReason; message: string } {
  const training = train(prepare(records));
  assert.ok(!training.ok, 'a set that teaches nothing was taken');
  return training.refusal;
}

function many(count: number, record: (at: number) => Omit<PersonRecord, 'id'>): PersonRecord[] {
  return Array.from({ length: count }, (_, at) => ({ id: `r${at}`, ...record(at) }));
}

describe('learning to link', () => {
  it('refuses a set without records, without values, with one value, or with nothing in common', () => {
    assert.equal(refusal([]).reason, 'too-few-records');
    assert.equal(refusal(many(1, () => ({ given: 'ann' }))).reason, 'too-few-records');
    assert.equal(refusal(many(50, () => ({}))).reason, 'nothing-to-compare');
    assert.equal(refusal(many(50, () => ({ given: 'n/a', email: 'unknown' }))).reason, 'nothing-to-compare');
    assert.equal(refusal(many(50, () => ({ given: 'ann', surname: 'lee' }))).reason, 'all-alike');
    const different = many(200, (at) => ({ given: `name${at}`, email: `mail${at}@host${at}.org` }));
    assert.equal(refusal(different).reason, 'nothing-in-common');
  });

  it('refuses a key that all share, with the pairs it would make, and does not make them', () => {
    const records = many(20_000, (at) => ({ given: 'ann', surname: 'lee', city: `city${at}` }));
    const { reason, message } = refusal(records);
    assert.equal(reason, 'blocks-too-large');
    assert.match(message, /given \+ surname.* 199990000 pairs/);
  });

  it('takes a value that many different people share for what it is', () => {
    const records = people(1_500).map(({ record }, at) => ({
      ...record,
      ...(at % 2 === 0 && { email: 'reception@hotel.example', phone: '0291234567' }),
    }));
    const model = modelOf(records);
    assert.deepEqual([model.junk['email']?.length, model.junk['phone']?.length], [1, 1]);
    const prepared = prepare(records);
    const { cluster: clusters } = cluster(prepared, model, score(prepared, model));
    const sizes = new Map<number, number>();
    for (const root of clusters) sizes.set(root, (sizes.get(root) ?? 0) + 1);
    assert.ok(Math.max(...sizes.values()) < 30);
  });

  it('links nothing by a model that did not converge', () => {
    const records = recordsOf(people(500));
    const model = { ...modelOf(records), converged: false };
    const prepared = prepare(records);
    assert.equal(score(prepared, model).length, 0);
    assert.deepEqual(new Matcher(model, records).match({ ...records[0]!, id: 'new' }), []);
  });

  it('takes wrong dates and mixed scripts as they come', () => {
    const odd = ['1956-04-31', '0000-00-00', '31/12/99', 'yesterday', '19990230', '２０００-01-01'];
    const names = ['Иванов', 'Ivanov', '田中', 'Mü\u0301ller', '\ud800', 'А\u043dna'];
    const records = many(600, (at) => ({
      ...{ given: names[at % 5], surname: `${names[(at * 7) % 6]}${at % 90}`, birthDate: odd[at % 6] },
      city: `c${at % 37}`,
    }));
    const training = train(prepare(records));
    if (training.ok) assert.equal(score(prepare(records), training.model).length >= 0, true);
    else assert.ok(training.refusal.message.length > 20);
  });

  it('comes to the same model and clusters in any order of records', () => {
    const labelled = people(400, 5);
    const records = recordsOf(labelled);
    const model = modelOf(records);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), (seed) => {
        assert.deepEqual(modelOf(shuffled(records, seed)), model);
      }),
      { numRuns: 5 },
    );
  });

  it('finds customers of several systems and keeps households apart', () => {
    const labelled = people(2_500, 7);
    const records = recordsOf(labelled);
    const prepared = prepare(records);
    const model = modelOf(records);
    const clustering = cluster(prepared, model, score(prepared, model));
    const person = new Map(labelled.map(({ record, person: whose }) => [record.id, whose]));
    const { f1, precision } = evaluate(
      clustering.cluster,
      prepared.ids.map((id) => person.get(id)!),
    );
    assert.ok(f1 > 0.95 && precision > 0.96, `F1 ${f1}, precision ${precision}`);
    const report = qualityReport(prepared, model, clustering);
    assert.ok(Math.abs(report.estimatedPrecision - precision) < 0.03, 'its own estimate is far off');
    assert.equal(
      report.sizes.reduce((sum, { size, clusters }) => sum + size * clusters, 0),
      records.length,
    );
  });

  it('finds people by whatever fields there are', () => {
    const labelled = [...historical({ records: 2_000, seed: 3 })];
    const prepared = prepare(recordsOf(labelled));
    const model = modelOf(recordsOf(labelled));
    assert.deepEqual(model.other, ['birthPlace', 'occupation']);
    const person = new Map(labelled.map(({ record, person: whose }) => [record.id, whose]));
    const { cluster: clusters } = cluster(prepared, model, score(prepared, model));
    const { f1 } = evaluate(
      clusters,
      prepared.ids.map((id) => person.get(id)!),
    );
    assert.ok(f1 > 0.9, `F1 ${f1}`);
  });
});

describe('one pair', () => {
  const records = recordsOf(people(1_000, 9));
  const model = modelOf(records);

  it('is weighed the same both ways, as in the batch, and its waterfall adds up', () => {
    const prepared = prepare(records);
    const scored = score(prepared, model);
    const byId = new Map(records.map((record) => [record.id, record]));
    for (let at = 0; at < 200; at += 1) {
      const [a, b] = [byId.get(prepared.ids[scored.a[at]!]!)!, byId.get(prepared.ids[scored.b[at]!]!)!];
      const [one, two] = [waterfall(model, a, b), waterfall(model, b, a)];
      assert.deepEqual(one, two);
      assert.ok(Math.abs(one.total - scored.weight[at]!) < 1e-4);
      const sum = one.steps.reduce((total, { weight }) => total + weight, one.prior);
      assert.ok(Math.abs(sum - one.total) < 1e-9);
    }
  });

  it('is found again by a record like one that is there, and not by one that was taken out', () => {
    const matcher = new Matcher(model, records);
    const complete = records.find(
      ({ given, surname, birthDate, email }) => given && surname && birthDate && email,
    )!;
    assert.equal(matcher.match({ ...complete, id: 'new' })[0]?.id, complete.id);
    matcher.remove(complete.id);
    assert.ok(matcher.match({ ...complete, id: 'new' }).every(({ id }) => id !== complete.id));
  });

  it('does not survive in a model as text', () => {
    const text = JSON.stringify(model);
    for (const { email, surname, phone } of records.slice(0, 300))
      for (const value of [email, surname, phone])
        if (value && value.length > 5) assert.ok(!text.includes(value));
  });
});

describe('evaluating clusters', () => {
  it('counts pairs as a count of all pairs does', () => {
    const labels = fc.array(fc.tuple(fc.nat(5), fc.nat(5)), { maxLength: 40 });
    fc.assert(
      fc.property(labels, (both) => {
        let [found, labelled, right] = [0, 0, 0];
        for (let i = 0; i < both.length; i += 1)
          for (let j = i + 1; j < both.length; j += 1) {
            const [sameCluster, sameLabel] = [both[i]![0] === both[j]![0], both[i]![1] === both[j]![1]];
            found += Number(sameCluster);
            labelled += Number(sameLabel);
            right += Number(sameCluster && sameLabel);
          }
        const { pairs } = evaluate(
          both.map(([cluster]) => cluster),
          both.map(([, label]) => label),
        );
        assert.deepEqual(pairs, { found, labelled, both: right });
      }),
    );
  });
});
