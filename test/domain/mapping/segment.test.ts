import assert from 'node:assert/strict';
import fc from 'fast-check';
import { DEFAULT_IDENTITY_RULES } from '../../../domain/identity/rules.ts';
import type { CanonicalEvent } from '../../../domain/ingestion/event.ts';
import type { RawItem } from '../../../domain/ingestion/raw.ts';
import type { JsonObject, JsonValue } from '../../../domain/json.ts';
import { SEGMENT } from '../../../domain/mapping/built-in.ts';
import { compileMapping, mapItem, type Mapped } from '../../../domain/mapping/map-item.ts';

const receivedAt = '2026-11-23T12:00:00.000Z';
const mapping = compileMapping(SEGMENT);

function map(body: JsonValue, item: Partial<RawItem> = {}): Mapped {
  const context = { source: 'web', rules: DEFAULT_IDENTITY_RULES, fallbackMessageId: 'fallback' };
  return mapItem(mapping, { receivedAt, ...item, body }, context);
}

function event(body: JsonObject, item: Partial<RawItem> = {}): CanonicalEvent {
  const mapped = map(body, item);
  assert.ok(mapped.ok, JSON.stringify(mapped));
  assert.equal(mapped.events.length, 1);
  return mapped.events[0]!;
}

function keys(made: CanonicalEvent): string[] {
  return made.identifiers.map(({ type, value }) => `${type}:${value}`);
}

describe('mapping the Segment spec', () => {
  it('makes a canonical event of a track call', () => {
    const made = event({
      type: 'track',
      messageId: 'm1',
      userId: 'u1',
      anonymousId: 'a1',
      event: ' Order Completed ',
      timestamp: '2026-11-23T11:00:00.000Z',
      sentAt: '2026-11-23T11:59:00.000Z',
      properties: { revenue: 29.33 },
      context: { locale: 'en', consent: { categoryPreferences: { ads: true, email: false, odd: 'x' } } },
    });
    assert.deepEqual(made, {
      messageId: 'm1',
      type: 'track',
      event: 'Order Completed',
      timestamp: '2026-11-23T11:01:00.000Z',
      originalTimestamp: '2026-11-23T11:00:00.000Z',
      receivedAt,
      source: 'web',
      identifiers: [
        { type: 'userId', value: 'u1' },
        { type: 'anonymousId', value: 'a1' },
      ],
      properties: { revenue: 29.33 },
      traits: {},
      context: { locale: 'en' },
      consent: [
        { purpose: 'ads', status: 'granted' },
        { purpose: 'email', status: 'denied' },
      ],
      normalizer: 2,
      mapping: 'segment@1',
    });
  });

  it('uses the time the request was sent where the message has none of its own', () => {
    const made = event(
      { type: 'page', userId: 'u', timestamp: '2025-01-01T00:00:00Z' },
      { sentAt: '2025-01-01T00:00:30Z' },
    );
    assert.equal(made.timestamp, '2026-11-23T11:59:30.000Z');
  });

  it('takes originalTimestamp where there is no timestamp', () => {
    const made = event({ type: 'page', userId: 'u', originalTimestamp: '2025-01-01T00:00:00Z' });
    assert.equal(made.timestamp, '2025-01-01T00:00:00.000Z');
  });

  it('gives a message without an id the one of its place', () => {
    assert.equal(event({ type: 'page', userId: 'u', messageId: null }).messageId, 'fallback');
  });

  it('names pages and screens and keeps their name and category as properties', () => {
    const page = event({
      type: 'page',
      userId: 'u',
      name: 'Cart',
      category: 'Shop',
      properties: { name: 'own', url: 'x' },
    });
    assert.equal(page.event, 'Page Viewed');
    assert.deepEqual(page.properties, { name: 'own', url: 'x', category: 'Shop' });
    const screen = event({ type: 'screen', userId: 'u', name: 'Home' });
    assert.equal(screen.event, 'Screen Viewed');
    assert.deepEqual(screen.properties, { name: 'Home' });
  });

  it('takes traits from the message over those of the context, and identifiers from them', () => {
    const made = event({
      type: 'identify',
      userId: 'u',
      traits: { email: 'Jane@Example.com', plan: 'pro' },
      context: { traits: { plan: 'free', city: 'Bern', phone: '+41 79 123 45 67' } },
    });
    assert.equal(made.event, 'Identify');
    assert.deepEqual(made.traits, {
      plan: 'pro',
      city: 'Bern',
      phone: '+41 79 123 45 67',
      email: 'Jane@Example.com',
    });
    assert.deepEqual(keys(made), ['userId:u', 'email:jane@example.com', 'phone:+41791234567']);
  });

  it('keeps the traits of a group away from the person', () => {
    const made = event({
      type: 'group',
      userId: 'u',
      groupId: 'g',
      traits: { email: 'info@company.example' },
    });
    assert.deepEqual(made.traits, {});
    assert.deepEqual(made.properties, { groupId: 'g', traits: { email: 'info@company.example' } });
    assert.deepEqual(keys(made), ['userId:u']);
  });

  it('reads the previous id of an alias as an anonymous id', () => {
    const made = event({ type: 'alias', userId: 'u', previousId: 'a9' });
    assert.equal(made.event, 'Alias');
    assert.deepEqual(keys(made), ['userId:u', 'anonymousId:a9']);
  });

  it('reads external ids of users, under our names, and the device id', () => {
    const made = event({
      type: 'track',
      event: 'x',
      context: {
        device: { id: 'd1', model: 'm' },
        externalIds: [
          { id: 'c1', type: 'crmId', collection: 'users', encoding: 'none' },
          { id: 77, type: 'loyalty_id' },
          { id: 'acme', type: 'account', collection: 'accounts' },
          'nonsense',
          { id: 'x', type: '__proto__' },
        ],
      },
    });
    assert.deepEqual(keys(made), ['crmId:c1', 'loyaltyId:77', 'deviceId:d1']);
    assert.deepEqual(made.context, { device: { id: 'd1', model: 'm' } });
  });

  it('turns numbers into text ids and drops repeats, blocked and invalid values', () => {
    const made = event({
      type: 'identify',
      userId: 42,
      anonymousId: 'undefined',
      traits: { email: 'no address', phone: 'none' },
      context: { externalIds: [{ id: '42', type: 'user_id' }] },
    });
    assert.deepEqual(keys(made), ['userId:42']);
    assert.equal(made.traits['email'], 'no address');
  });

  it('says so where no identifier is left', () => {
    const mapped = map({ type: 'track', event: 'x', userId: 'null', anonymousId: ' ' });
    assert.ok(!mapped.ok);
    assert.equal(mapped.code, 'no-identifier');
  });

  it('adds the address of the connection where the context is silent', () => {
    assert.deepEqual(event({ type: 'page', userId: 'u' }, { ip: '192.0.2.1' }).context, { ip: '192.0.2.1' });
    const own = event({ type: 'page', userId: 'u', context: { ip: '192.0.2.9' } }, { ip: '192.0.2.1' });
    assert.deepEqual(own.context, { ip: '192.0.2.9' });
  });

  it('orders identifiers by the rules, whatever order they come in', () => {
    const one = event({
      type: 'page',
      userId: 'u',
      context: {
        externalIds: [
          { id: 'b', type: 'crmId' },
          { id: 'a', type: 'crmId' },
        ],
      },
    });
    const two = event({
      context: {
        externalIds: [
          { type: 'crmId', id: 'a' },
          { type: 'crmId', id: 'b' },
        ],
      },
      userId: 'u',
      type: 'page',
    });
    assert.deepEqual(keys(one), ['userId:u', 'crmId:a', 'crmId:b']);
    assert.deepEqual(keys(two), keys(one));
  });

  it('never throws, and answers events that keep the rules or a reason', () => {
    const field = fc.constantFrom(
      'type',
      'userId',
      'event',
      'timestamp',
      'sentAt',
      'context',
      'traits',
      'properties',
      'groupId',
    );
    const inner = fc.oneof(
      fc.jsonValue({ maxDepth: 3 }),
      fc.constantFrom<unknown[]>('track', 'identify', 'page', '2026-01-01', {
        traits: { email: 'a@x.io' },
        externalIds: [null, 1, {}],
      }),
    );
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), fc.dictionary(field, inner)), (body) => {
        const mapped = map(body as JsonValue);
        if (!mapped.ok) {
          assert.match(mapped.code, /^[a-z-]+$/);
          return;
        }
        for (const made of mapped.events) {
          assert.ok(made.identifiers.length > 0);
          assert.ok(made.timestamp <= made.receivedAt);
        }
      }),
      { numRuns: 3000 },
    );
  });
});
