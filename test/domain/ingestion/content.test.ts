import assert from 'node:assert/strict';
import fc from 'fast-check';
import { canonicalContent } from '../../../domain/ingestion/content.ts';
import type { JsonObject, JsonValue } from '../../../domain/json.ts';

function reordered(value: JsonValue): JsonValue {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(reordered);
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, inner]) => [key, reordered(inner)]),
  );
}

/** Small alphabets, so that near collisions are common. */
const json = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom<JsonValue[]>(null, true, 0, 1, 12, '', '1', 'a', 'a\nb', '0:', 's1:a', '}', '{'),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('a', 'b', 'a\nb', '1:a', '__proto__'), tie('value'), {
      maxKeys: 3,
    }) as fc.Arbitrary<JsonObject>,
  ),
})).value;

describe('the canonical content of a message', () => {
  it('does not depend on the order of keys, at any depth', () => {
    fc.assert(
      fc.property(json, (value) => {
        assert.equal(canonicalContent(reordered(value)), canonicalContent(value));
      }),
      { numRuns: 2000 },
    );
  });

  it('differs for different content', () => {
    fc.assert(
      fc.property(json, json, (a, b) => {
        const equal = JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
        assert.equal(canonicalContent(a) === canonicalContent(b), equal);
      }),
      { numRuns: 5000 },
    );
  });

  it('is the same for a message sent again', () => {
    const message = { type: 'track', userId: 'u', event: 'x', properties: { sentAt: 'kept' } };
    const again = {
      ...message,
      sentAt: '2026-01-01T00:00:00.000Z',
      receivedAt: 'r',
      writeKey: 'w',
      _metadata: { retry: 1 },
    };
    assert.equal(canonicalContent(again), canonicalContent(message));
  });

  it('is another when the person, the time or a nested field differs', () => {
    const message = { type: 'track', userId: 'u', timestamp: '1', properties: { sentAt: 'a' } };
    const texts = [
      message,
      { ...message, userId: 'v' },
      { ...message, timestamp: '2' },
      { ...message, properties: { sentAt: 'b' } },
      { ...message, extra: null },
    ].map(canonicalContent);
    assert.equal(new Set(texts).size, texts.length);
  });

  it('stays as it was, since digests are kept', () => {
    assert.equal(
      canonicalContent({ b: [1.5, 'é', null], a: { y: true, x: false }, sentAt: 'x' }),
      '{1:a{1:xf1:yt}1:b[3:n1.5;s1:é0}',
    );
  });

  it('tells keys with line feeds from keys of the same joined text', () => {
    const three = canonicalContent({ a: 1, b: 1, c: 1 });
    assert.notEqual(canonicalContent({ 'a\nb': 1, c: 1 }), three);
    assert.equal(canonicalContent({ c: 1, 'a\nb': 1 }), canonicalContent({ 'a\nb': 1, c: 1 }));
  });
});

function sorted(value: JsonValue): JsonValue {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(sorted);
  return Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, inner]): JsonValue => ['entry', key, sorted(inner)])
    .concat([['object']]);
}
