import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { compilePlan } from '../../../domain/tracking/compile.ts';
import { patternProblem } from '../../../domain/tracking/pattern.ts';
import { planProblems } from '../../../domain/tracking/problems.ts';
import type { Judgement } from '../../../domain/tracking/compile.ts';
import { eventOf, planOf, properties } from './events.ts';

const places = (judged: Judgement | undefined): string[] =>
  (judged?.violations ?? []).map(({ path, rule }) => `${path} ${rule}`);

describe('a tracking plan', () => {
  const schema = properties(
    {
      revenue: { type: 'number' },
      products: { type: 'array', items: { type: 'object', required: ['sku'] } },
    },
    ['revenue'],
  );

  it('names each field that breaks it, and no value', () => {
    const plan = compilePlan(planOf(schema));
    assert.equal(plan.judge(eventOf({ properties: { revenue: 1 } })), undefined);
    const broken = plan.judge(
      eventOf({ properties: { revenue: 'jane@example.com', products: [{ sku: 1 }, {}, {}] } }),
    );
    assert.equal(broken?.mode, 'warn');
    assert.deepEqual(places(broken), [
      'properties.revenue type',
      'properties.products[].sku required',
      'properties.products[].sku required',
    ]);
    assert.doesNotMatch(JSON.stringify(broken), /jane/);
  });

  it('takes a mode of its own for a rule, for events that it does not name, and the stricter of two', () => {
    const common = { type: 'object', required: ['userId'] };
    const rule = { event: 'Order Completed', schema, mode: 'quarantine' as const };
    const plan = compilePlan(planOf(schema, { unplanned: 'allow', common, rules: [rule] }));
    const modes = [
      plan.judge(eventOf()),
      plan.judge(eventOf({ event: 'Other' })),
      plan.judge(eventOf({ event: 'Other', identifiers: [{ type: 'email', value: 'a@b.c' }] })),
    ].map((judged) => judged?.mode);
    assert.deepEqual(modes, ['quarantine', 'allow', 'warn']);
    assert.deepEqual(places(plan.judge(eventOf({ event: 'Other' }))), [' unplanned']);
  });

  it('knows pages by their names, and the traits of a group as the group’s', () => {
    const page = { event: 'Page Viewed', page: 'Home', schema: properties({ n: { type: 'number' } }, ['n']) };
    const group = {
      event: 'Group',
      schema: { type: 'object', required: ['groupId'], properties: { traits: { required: ['plan'] } } },
    };
    const plan = compilePlan(planOf(schema, { rules: [page, group] }));
    const view = (name: string) => eventOf({ type: 'page', event: 'Page Viewed', properties: { name } });
    assert.deepEqual(places(plan.judge(view('Home'))), ['properties.n required']);
    assert.deepEqual(places(plan.judge(view('Cart'))), [' unplanned']);
    const of = (traits: object) =>
      eventOf({ type: 'group', event: 'Group', properties: { groupId: 'g', traits: { ...traits } } });
    assert.equal(plan.judge(of({ plan: 'gold' })), undefined);
    assert.deepEqual(places(plan.judge(of({}))), ['traits.plan required']);
  });

  it('reads draft-07 and 2020-12, each by its own keywords', () => {
    const tuple = (draft: string, keyword: string) =>
      compilePlan(
        planOf({
          $schema: draft,
          ...properties({ pair: { type: 'array', [keyword]: [{ type: 'string' }, { type: 'number' }] } }),
        }),
      );
    const event = eventOf({ properties: { pair: ['a', 'b'] } });
    const at = ['properties.pair[] type'];
    assert.deepEqual(places(tuple('http://json-schema.org/draft-07/schema#', 'items').judge(event)), at);
    assert.deepEqual(
      places(tuple('https://json-schema.org/draft/2020-12/schema', 'prefixItems').judge(event)),
      at,
    );
  });

  it('is refused where it can not be used, with the place', () => {
    const problems = (given: object) => planProblems(planOf({ ...given })).map(({ path }) => path);
    assert.deepEqual(problems({ type: 'object' }), []);
    assert.deepEqual(problems({ $ref: 'https://example.com/schema.json' }), ['rules.0.schema.$ref']);
    assert.deepEqual(problems({ type: 'nonsense' }), ['rules.0.schema']);
    assert.deepEqual(problems({ $ref: '#' }), ['rules.0.schema']);
    assert.deepEqual(problems(properties({ code: { pattern: '(a+)+$' } })), [
      'rules.0.schema.properties.properties.properties.code.pattern',
    ]);
    const rule = { event: 'A', schema: {} };
    assert.deepEqual(
      planProblems(planOf({}, { rules: [rule, rule] })).map(({ path }) => path),
      ['rules.1.event'],
    );
  });

  it('takes patterns that are quick to match, and none that can take for ever', () => {
    for (const pattern of ['^[A-Z]{2}-\\d+$', '^[^@]+@[^@]+\\.[^@]+$', '(bot|crawl)s?', '^(?:a|b){2,5}$'])
      assert.equal(patternProblem(pattern), undefined, pattern);
    for (const pattern of [
      '(a+)+',
      '(a*)*b',
      '((a{1,9}){1,9})',
      '(a|b+)*',
      '(.)\\1',
      'a*b*c*d*e',
      '(?=a)b',
      '[',
    ])
      assert.notEqual(patternProblem(pattern), undefined, pattern);
    const plan = compilePlan(planOf(properties({ code: { type: 'string', pattern: '^.*.*.*x$' } })));
    const started = performance.now();
    assert.notEqual(plan.judge(eventOf({ properties: { code: 'a'.repeat(30_000) } })), undefined);
    assert.ok(performance.now() - started < 1_000, 'a long text is not searched');
  });
});
