import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { mergePatch } from '../../../domain/ingestion/merge-patch.ts';
import type { JsonObject, JsonValue } from '../../../domain/json.ts';

/** The examples of RFC 7396, appendix A, whose patch is an object. */
const EXAMPLES: readonly (readonly [JsonValue, JsonObject, JsonObject])[] = [
  [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
  [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
  [{ a: 'b' }, { a: null }, {}],
  [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
  [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
  [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
  [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
  [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
  [{ e: null }, { a: 1 }, { e: null, a: 1 }],
  [[1, 2], { a: 'b', c: null }, { a: 'b' }],
  [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
];

describe('a JSON merge patch', () => {
  it('does what RFC 7396 says', () => {
    for (const [target, patch, expected] of EXAMPLES) {
      const before = JSON.stringify(target);
      assert.deepEqual(mergePatch(target, patch), expected);
      assert.equal(JSON.stringify(target), before, 'the target stays as it is');
    }
  });

  it('changes nothing the second time, and never a prototype', () => {
    const object = fc.dictionary(fc.oneof(fc.string(), fc.constant('__proto__')), fc.jsonValue());
    fc.assert(
      fc.property(object, object, (target, patch) => {
        const once = mergePatch(target as JsonObject, patch as JsonObject);
        assert.equal(JSON.stringify(mergePatch(once, patch as JsonObject)), JSON.stringify(once));
        assert.equal(Object.getPrototypeOf(once), Object.prototype);
      }),
    );
  });
});
