import fc from 'fast-check';
import type { CanonicalEvent } from '../../../domain/ingestion/event.ts';
import type { JsonObject } from '../../../domain/json.ts';
import { DEFAULT_FOLD_POLICY } from '../../../domain/profile/policy.ts';
import type { FoldPolicy } from '../../../domain/profile/state.ts';

/** A policy that uses every way of joining a trait. */
export const policy: FoldPolicy = {
  ...DEFAULT_FOLD_POLICY,
  traits: {
    first: 'first',
    min: 'min',
    max: 'max',
    union: 'union',
    frequent: 'most-frequent',
    preferred: { sources: ['pos', 'crm'] },
  },
};

const name = fc.constantFrom(
  ...['plan', 'first', 'min', 'max', 'union', 'frequent', 'preferred'],
  ...['__proto__', 'constructor', 'toString'],
);
const at = fc
  .integer({ min: 0, max: 40 })
  .map((half) => new Date(Date.UTC(2026, 0, 1) + half * 12 * 3_600_000).toISOString());
const value = fc.oneof(
  fc.constantFrom(null, true, false, 0, 1, -2.5, 'a', 'b', 'é'),
  fc.array(fc.constantFrom(1, 'x', 'y'), { maxLength: 3 }),
  fc.constant({ b: 1, a: [2] }),
);
const identifier = fc.record({
  type: fc.constantFrom('userId', 'anonymousId', 'email', '__proto__'),
  value: fc.constantFrom('1', '2', 'constructor'),
});
const amount = fc.oneof(
  fc.double({ min: -1e6, max: 1e6, noNaN: true }),
  fc.integer({ min: -100_000, max: 100_000 }).map((cents) => cents / 100),
  fc.constantFrom('12.10', '0.000000001', 'abc', Number.MAX_SAFE_INTEGER),
);

function object(entries: readonly (readonly [string, unknown])[]): JsonObject {
  return Object.fromEntries(entries) as JsonObject;
}

/** Events with distinct message ids, many ties in time, and hostile names. */
export const events: fc.Arbitrary<CanonicalEvent[]> = fc
  .array(
    fc.record({
      event: fc.constantFrom('Order Completed', 'Page Viewed', '__proto__', 'constructor'),
      timestamp: at,
      source: fc.constantFrom('web', 'pos', 'crm', 'app'),
      identifiers: fc.uniqueArray(identifier, {
        minLength: 1,
        maxLength: 3,
        selector: ({ type, value: text }) => `${type}:${text}`,
      }),
      properties: fc
        .dictionary(fc.constantFrom('revenue', 'quantity', 'other'), amount)
        .map((all) => ({ ...all })),
      traits: fc.array(fc.tuple(name, value), { maxLength: 4 }).map(object),
      consent: fc.array(
        fc.record({
          purpose: fc.constantFrom('ads', '__proto__'),
          status: fc.constantFrom('granted' as const, 'denied' as const),
        }),
        { maxLength: 2 },
      ),
    }),
    { maxLength: 14 },
  )
  .map((all) =>
    all.map((event, index) => ({
      ...event,
      messageId: `m${index}`,
      type: 'track' as const,
      receivedAt: '2026-03-01T00:00:00.000Z',
      normalizer: 1,
      mapping: 'segment@1',
    })),
  );

/** Some events and another order of them. */
export const shuffled = events.chain((all) =>
  fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length, maxLength: all.length })),
);
