import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import type { CanonicalEvent } from '../../../domain/ingestion/event.ts';
import type { JsonObject } from '../../../domain/json.ts';
import { fieldChanges } from '../../../domain/quality/fields.ts';
import { memberPath, stepsOf } from '../../../domain/quality/path.ts';
import { joinShapes, ShapeDraft, type EventShape } from '../../../domain/quality/shape.ts';
import { thresholdsWith } from '../../../domain/quality/thresholds.ts';
import { compilePlan } from '../../../domain/tracking/compile.ts';
import { inferRules } from '../../../domain/tracking/infer.ts';
import { planProblems } from '../../../domain/tracking/problems.ts';
import { eventOf, planOf } from '../tracking/events.ts';

function shapeOf(events: readonly CanonicalEvent[]): EventShape {
  const draft = new ShapeDraft('Order Completed', 'track');
  for (const event of events) draft.add(event);
  return draft.finish();
}

const name = fc.oneof(fc.constantFrom('a', 'b', 'a.b', '[]', 'x["y', '0'), fc.string({ maxLength: 4 }));
const value: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom('t', 1, 1.5, true, null),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(name, tie('value'), { maxKeys: 3 }),
  ),
})).value;
const object = fc.dictionary(name, value, { maxKeys: 4 }) as fc.Arbitrary<JsonObject>;
const events = fc.array(
  fc.record({ properties: object, traits: object }).map((given) => eventOf(given)),
  { minLength: 1, maxLength: 12 },
);

describe('the shape of events', () => {
  it('writes paths that are read back step by step, whatever the names', () => {
    fc.assert(
      fc.property(fc.array(name, { minLength: 1, maxLength: 4 }), (names) => {
        const path = names.reduce(memberPath, 'properties');
        assert.deepEqual(stepsOf(path), ['properties', ...names]);
      }),
    );
  });

  it('is the same seen in one go or in parts', () => {
    fc.assert(
      fc.property(events, fc.nat(), (all, cut) => {
        const at = 1 + (cut % all.length);
        const whole = shapeOf(all);
        const parts =
          at >= all.length ? whole : joinShapes(shapeOf(all.slice(0, at)), shapeOf(all.slice(at)));
        assert.deepEqual(parts, whole);
      }),
    );
  });

  it('gives a plan that can be used and that all events it was inferred from keep to', () => {
    fc.assert(
      fc.property(events, (all) => {
        const plan = planOf({}, { rules: inferRules([shapeOf(all)]), unplanned: 'quarantine' });
        assert.deepEqual(planProblems(plan), []);
        const { judge } = compilePlan(plan);
        for (const event of all) assert.equal(judge(event), undefined);
      }),
    );
  });

  it('infers what is always there as required, and what kinds there are', () => {
    const [rule] = inferRules([
      shapeOf([
        eventOf({ properties: { revenue: 1, products: [{ sku: 'a' }, {}], coupon: null } }),
        eventOf({ properties: { revenue: 1.5, products: [], note: 'x' } }),
      ]),
    ]);
    assert.deepEqual((rule?.schema['properties'] as JsonObject)['properties'], {
      type: 'object',
      properties: {
        coupon: { type: 'null' },
        note: { type: 'string' },
        products: {
          type: 'array',
          items: { type: 'object', properties: { sku: { type: 'string' } } },
        },
        revenue: { type: 'number' },
      },
      required: ['products', 'revenue'],
    });
  });

  it('tells of fields that appear after many events without them, and of those that vanish', () => {
    const now = '2026-11-01T12:00:00.000Z';
    const many = (count: number, properties: JsonObject) =>
      Array.from({ length: count }, () => eventOf({ properties }));
    const before = shapeOf(many(150, { old: 1, kept: 1 }));
    assert.deepEqual(fieldChanges([before], now), []);
    const after = joinShapes(before, shapeOf(many(120, { kept: 1, fresh: 1 })));
    assert.deepEqual(
      fieldChanges([after], now).map(({ path, change }) => `${path} ${change}`),
      ['properties.old vanished', 'properties.fresh new'],
    );
    const strict = thresholdsWith({ newFieldEvents: 200, vanishedFieldEvents: 200 });
    assert.deepEqual(fieldChanges([after], now, strict), [], 'by the thresholds of the source');
    assert.deepEqual(
      fieldChanges([after], '2027-11-01T00:00:00.000Z').map(({ change }) => change),
      ['vanished'],
      'what is new is so for a week',
    );
  });
});
