import assert from 'node:assert/strict';
import fc from 'fast-check';
import { checkEnvelope, EVENT_TYPES } from '../../../domain/ingestion/envelope.ts';
import type { JsonObject, JsonValue } from '../../../domain/json.ts';

const track: JsonObject = { type: 'track', userId: 'u1', event: 'Order Completed' };

function nested(depth: number): JsonValue {
  let value: JsonValue = 1;
  for (let level = 0; level < depth; level += 1) value = level % 2 === 0 ? { a: value } : [value];
  return value;
}

function keys(count: number): JsonObject {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, 1]));
}

describe('the envelope check', () => {
  for (const [what, body] of [
    ['a track call', track],
    ['an anonymous page', { type: 'page', anonymousId: 'a' }],
    ['a screen without a name', { type: 'screen', userId: 'u' }],
    ['a group', { type: 'group', userId: 'u', groupId: 7 }],
    ['an alias', { type: 'alias', userId: 'u', previousId: 'a' }],
    ['a number as id', { ...track, userId: 42 }],
    [
      'null where a field is not known',
      { ...track, anonymousId: null, context: null, traits: null, timestamp: null },
    ],
    ['only an email', { type: 'identify', traits: { email: 'a@example.com' } }],
    [
      'only an external id',
      { type: 'track', event: 'x', context: { externalIds: [{ id: '1', type: 'crmId' }] } },
    ],
    [
      'names of object members as keys',
      { ...track, properties: { constructor: 1, toString: 2, hasOwnProperty: 3 } },
    ],
    ['a time with an offset', { ...track, timestamp: '2026-01-01T01:00:00.123456+01:00' }],
  ] as const) {
    it(`accepts ${what}`, () => {
      assert.equal(checkEnvelope(body as JsonValue), undefined);
    });
  }

  for (const [what, body, code, detail] of [
    ['a list', [], 'not-an-object', /JSON object/],
    ['a text', 'x', 'not-an-object', /JSON object/],
    ['null', null, 'not-an-object', /JSON object/],
    ['no type', { userId: 'u' }, 'missing-field', /^type: .*identify, track/],
    ['an unknown type', { type: 'delete', userId: 'u' }, 'unknown-type', /^type: /],
    ['a type of the prototype', { type: 'constructor', userId: 'u' }, 'unknown-type', /^type: /],
    ['no person', { type: 'track', event: 'x' }, 'missing-identifier', /userId or anonymousId/],
    [
      'an empty person',
      { ...track, userId: '', anonymousId: null },
      'missing-identifier',
      /userId or anonymousId/,
    ],
    ['an object as id', { ...track, userId: { a: 1 } }, 'wrong-type', /^userId: /],
    ['a boolean as id', { ...track, anonymousId: true }, 'wrong-type', /^anonymousId: /],
    ['an id beyond 2^53', { ...track, userId: 2 ** 53 }, 'unsafe-number', /^userId: .*string/],
    ['a track without a name', { type: 'track', userId: 'u' }, 'missing-field', /^event: /],
    ['a track with a blank name', { ...track, event: ' ' }, 'missing-field', /^event: /],
    ['a number as name', { ...track, event: 5 }, 'wrong-type', /^event: /],
    ['a group without an id', { type: 'group', userId: 'u' }, 'missing-field', /^groupId: /],
    ['an alias of nobody', { type: 'alias', userId: 'u' }, 'missing-field', /^previousId: /],
    ['properties that are a list', { ...track, properties: [] }, 'wrong-type', /^properties: /],
    ['traits that are a text', { ...track, traits: 'x' }, 'wrong-type', /^traits: /],
    ['a context that is a number', { ...track, context: 1 }, 'wrong-type', /^context: /],
    [
      'context traits that are a list',
      { ...track, context: { traits: [] } },
      'wrong-type',
      /^context\.traits: /,
    ],
    ['a time that is none', { ...track, timestamp: 'yesterday' }, 'invalid-time', /^timestamp: .*ISO 8601/],
    [
      'a day that is none',
      { ...track, timestamp: '2026-02-30T00:00:00.000Z' },
      'invalid-time',
      /^timestamp: /,
    ],
    ['a number as message id', { ...track, messageId: 1 }, 'wrong-type', /^messageId: /],
    ['a long message id', { ...track, messageId: 'x'.repeat(101) }, 'too-long', /^messageId: .*100/],
    [
      'deep nesting',
      { ...track, properties: nested(41) as JsonObject },
      'too-deep',
      /^properties\.a\[0\].*32/,
    ],
    [
      'nesting that would overflow the stack',
      JSON.parse('{"a":' + '['.repeat(200_000) + ']'.repeat(200_000) + '}') as JsonValue,
      'too-deep',
      /a\[0\]/,
    ],
    ['100,000 keys', { ...track, properties: keys(100_000) }, 'too-many-keys', /2000 keys/],
    [
      'many keys in many objects',
      { ...track, properties: { list: Array.from({ length: 300 }, () => keys(10)) } },
      'too-many-keys',
      /2000/,
    ],
    [
      '__proto__',
      JSON.parse(
        '{"type":"track","userId":"u","event":"x","properties":{"a":[{"__proto__":{"admin":true}}]}}',
      ) as JsonValue,
      'forbidden-key',
      /^properties\.a\[0\]\.__proto__: /,
    ],
    ['a NUL byte', { ...track, properties: { a: 'x\0y' } }, 'invalid-text', /^properties\.a: .*NUL/],
    ['a NUL byte in a key', { ...track, properties: { 'a\0': 1 } }, 'invalid-text', /^properties\.a\?: /],
    [
      'a lone surrogate',
      { ...track, context: { a: ['\ud800'] } },
      'invalid-text',
      /^context\.a\[0\]: .*surrogate/,
    ],
    [
      'a number too large',
      JSON.parse('{"type":"track","userId":"u","event":"x","properties":{"n":1e999}}') as JsonValue,
      'invalid-number',
      /^properties\.n: /,
    ],
  ] as const) {
    it(`refuses ${what} and names the field`, () => {
      const problem = checkEnvelope(body as JsonValue);
      assert.ok(problem !== undefined);
      assert.equal(problem.code, code);
      assert.match(problem.detail, detail);
    });
  }

  it('takes the type from the path of the call', () => {
    assert.equal(checkEnvelope({ userId: 'u', event: 'x' }, { type: 'track' }), undefined);
  });

  it('refuses a message beyond 32 KB', () => {
    assert.equal(checkEnvelope(track, { bytes: 32 * 1024 }), undefined);
    assert.equal(checkEnvelope(track, { bytes: 32 * 1024 + 1 })?.code, 'message-too-large');
  });

  it('never throws and holds no values in its answer', () => {
    const message = fc.dictionary(
      fc.oneof(
        fc.constantFrom(
          'type',
          'userId',
          'event',
          'timestamp',
          'context',
          'traits',
          'properties',
          'messageId',
          'groupId',
        ),
        fc.string(),
      ),
      fc.oneof(
        fc.jsonValue({ maxDepth: 4 }),
        fc.constantFrom(...EVENT_TYPES),
        fc.constant({ traits: { email: 'SECRET' } }),
      ),
    );
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), message), (body) => {
        const problem = checkEnvelope(body as JsonValue);
        if (problem === undefined) return;
        assert.match(problem.code, /^[a-z]+(-[a-z]+)*$/);
        assert.doesNotMatch(problem.detail, /SECRET/);
      }),
      { numRuns: 2000 },
    );
    assert.equal(({} as Record<string, unknown>)['admin'], undefined);
  });
});
