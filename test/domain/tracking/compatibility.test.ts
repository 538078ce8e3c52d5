import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { JsonObject } from '../../../domain/json.ts';
import { comparePlans } from '../../../domain/tracking/compatibility.ts';
import { planOf } from './events.ts';

/** Changes of one schema, which break and which do not. */
const CASES: readonly (readonly [string, JsonObject, JsonObject, boolean])[] = [
  ['a property is described', {}, { properties: { a: { type: 'string' } } }, false],
  ['a property is required', { properties: { a: {} } }, { properties: { a: {} }, required: ['a'] }, true],
  ['a property need not be there', { required: ['a'] }, {}, false],
  ['a type is wider', { type: 'integer' }, { type: ['number', 'null'] }, false],
  ['a type is narrower', { type: ['string', 'null'] }, { type: 'string' }, true],
  ['a type is set', {}, { type: 'string' }, true],
  ['values are added', { enum: ['a'] }, { enum: ['a', 'b'] }, false],
  ['values are taken away', { enum: ['a', 'b'] }, { const: 'a' }, true],
  ['other properties are refused', {}, { additionalProperties: false }, true],
  ['a limit rises', { maxLength: 3 }, { maxLength: 5 }, false],
  ['a limit falls', { maximum: 3 }, { maximum: 2 }, true],
  ['a lower limit rises', { minimum: 0 }, { minimum: 1 }, true],
  ['a pattern goes', { pattern: 'a' }, {}, false],
  ['a pattern changes', { pattern: 'a' }, { pattern: 'b' }, true],
  ['elements are narrower', { items: {} }, { items: { type: 'string' } }, true],
  ['only words change', { description: 'a' }, { title: 'b' }, false],
];

describe('two versions of a tracking plan', () => {
  for (const [what, before, after, breaking] of CASES)
    it(`${breaking ? 'break' : 'do not break'} where ${what}`, () => {
      const changes = comparePlans(planOf(before), planOf(after));
      assert.equal(
        changes.some((change) => change.breaking),
        breaking,
        JSON.stringify(changes),
      );
      assert.deepEqual(comparePlans(planOf(after), planOf(after)), []);
    });

  it('break where an event goes and events that are not planned matter', () => {
    const before = planOf({});
    const gone = planOf({}, { rules: [] });
    assert.deepEqual(
      comparePlans(before, gone).map(({ breaking }) => breaking),
      [false],
    );
    const [unplanned, event] = comparePlans(before, { ...gone, unplanned: 'quarantine' });
    assert.deepEqual([unplanned?.breaking, event?.breaking], [true, true]);
  });
});
