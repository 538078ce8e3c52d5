import assert from 'node:assert/strict';
import { compareJson } from '../../../domain/canonical.ts';
import { DEFAULT_IDENTITY_RULES } from '../../../domain/identity/rules.ts';
import type { CanonicalEvent } from '../../../domain/ingestion/event.ts';
import type { JsonObject } from '../../../domain/json.ts';
import { consentInForce } from '../../../domain/profile/consent.ts';
import { emptyFragment, emptyState, evolveAll, evolveFragmentAll } from '../../../domain/profile/fold.ts';
import { merge } from '../../../domain/profile/merge.ts';
import { DEFAULT_FOLD_POLICY } from '../../../domain/profile/policy.ts';
import { presentProfile } from '../../../domain/profile/present.ts';
import type { FoldPolicy, TraitEntry } from '../../../domain/profile/state.ts';

let count = 0;

function event(day: number, given: Partial<CanonicalEvent> = {}): CanonicalEvent {
  count += 1;
  return {
    messageId: `m${count}`,
    type: 'track',
    event: 'Order Completed',
    timestamp: `2026-01-0${day}T12:00:00.000Z`,
    receivedAt: '2026-02-01T00:00:00.000Z',
    source: 'web',
    identifiers: [{ type: 'userId', value: 'u' }],
    properties: {},
    traits: {},
    normalizer: 1,
    mapping: 'segment@1',
    ...given,
  };
}

function traits(policy: FoldPolicy, ...all: [number, JsonObject][]): JsonObject {
  const state = evolveAll(
    emptyState,
    all.map(([day, given]) => event(day, { traits: given })),
    policy,
  );
  return presentProfile(state).traits;
}

describe('traits', () => {
  it('are those of the latest event, however late it arrives', () => {
    assert.deepEqual(traits(DEFAULT_FOLD_POLICY, [3, { plan: 'new' }], [1, { plan: 'old', city: 'Bern' }]), {
      city: 'Bern',
      plan: 'new',
    });
  });

  it('are unset by null, and set again later', () => {
    assert.deepEqual(traits(DEFAULT_FOLD_POLICY, [2, { plan: null }], [1, { plan: 'old' }]), {});
    assert.deepEqual(traits(DEFAULT_FOLD_POLICY, [3, { plan: 'new' }], [2, { plan: null }]), { plan: 'new' });
  });

  it('follow the policy of their name', () => {
    const policy: FoldPolicy = {
      ...DEFAULT_FOLD_POLICY,
      traits: { origin: 'first', low: 'min', high: 'max', tags: 'union' },
    };
    const given = traits(
      policy,
      [2, { origin: 'b', low: 2, high: 2, tags: ['x', 'y'] }],
      [1, { origin: 'a', low: 5, high: 5, tags: 'z' }],
      [3, { origin: null, low: 10, high: 10, tags: ['x', null] }],
    );
    assert.deepEqual(given, { origin: 'a', low: 2, high: 10, tags: [null, 'x', 'y', 'z'] });
  });

  it('are what most events told, the latest among equals, with how many and which event', () => {
    const policy: FoldPolicy = { ...DEFAULT_FOLD_POLICY, traits: { city: 'most-frequent' } };
    const told = (...cities: string[]): TraitEntry | undefined =>
      evolveAll(
        emptyState,
        cities.map((city, day) => event(day + 1, { messageId: `m${day + 1}`, traits: { city } })),
        policy,
      ).traits['city'];
    assert.equal(told('Bern', 'Basel', 'Bern')?.value, 'Bern');
    assert.equal(told('Bern', 'Basel')?.value, 'Basel');
    const { messageId, told: counts } = told('Bern', 'Bern', 'Basel') ?? {};
    assert.equal(messageId, 'm2');
    assert.deepEqual(
      counts?.map(({ value, count }) => [value, count]),
      [
        ['Basel', 1],
        ['Bern', 2],
      ],
    );
  });

  it('are of the best source that tells them, whatever others say later', () => {
    const policy: FoldPolicy = { ...DEFAULT_FOLD_POLICY, traits: { name: { sources: ['crm', 'pos'] } } };
    const told = (...tellings: [source: string, name: string | null][]): unknown =>
      evolveAll(
        emptyState,
        tellings.map(([source, name], day) =>
          event(day + 1, { messageId: `m${day + 1}`, source, traits: { name } }),
        ),
        policy,
      ).traits['name']?.value;
    assert.equal(told(['crm', 'Jane'], ['web', 'jj'], ['pos', 'J.']), 'Jane');
    assert.equal(told(['crm', 'Jane'], ['crm', 'Janet'], ['web', 'jj']), 'Janet');
    assert.equal(told(['web', 'jj'], ['app', 'jay']), 'jay', 'those without a place share the last one');
    assert.equal(told(['pos', 'J.'], ['crm', null]), 'J.', 'null is no value');
  });

  it('may be called anything without touching a prototype', () => {
    const hostile = JSON.parse(
      '{"__proto__": {"admin": true}, "constructor": "c", "toString": 1}',
    ) as JsonObject;
    const given = traits(DEFAULT_FOLD_POLICY, [1, hostile]);
    assert.equal(JSON.stringify(given), '{"__proto__":{"admin":true},"constructor":"c","toString":1}');
    assert.equal(Object.getPrototypeOf(given), Object.prototype);
    assert.equal(({} as JsonObject)['admin'], undefined);
  });
});

describe('counters', () => {
  it('count and sum exactly, in all and by UTC day', () => {
    const state = evolveAll(
      emptyState,
      [
        event(1, { properties: { revenue: 0.1, quantity: 1 } }),
        event(2, { properties: { revenue: '0.20', quantity: 'two' } }),
        event(2, { properties: { revenue: 0.7, other: 5 } }),
        event(3, { event: 'Page Viewed' }),
      ],
      DEFAULT_FOLD_POLICY,
    );
    assert.deepEqual(state.counters['Order Completed'], {
      count: 3,
      first: '2026-01-01T12:00:00.000Z',
      last: '2026-01-02T12:00:00.000Z',
      sums: { revenue: '1', quantity: '1' },
      days: {
        '2026-01-01': { count: 1, sums: { revenue: '0.1', quantity: '1' } },
        '2026-01-02': { count: 2, sums: { revenue: '0.9' } },
      },
    });
    assert.equal(state.events, 4);
    assert.equal(state.firstSeen, '2026-01-01T12:00:00.000Z');
    assert.equal(state.lastSeen, '2026-01-03T12:00:00.000Z');
  });

  it('fold 20,000 events over 10,000 days without copying the days each time', () => {
    const many = Array.from({ length: 20_000 }, (_, index) =>
      event(1, {
        timestamp: new Date(Date.UTC(1990, 0, 1) + index * 43_200_000).toISOString(),
        properties: { revenue: 1.01 },
      }),
    );
    const state = evolveAll(emptyState, many, DEFAULT_FOLD_POLICY);
    assert.equal(Object.keys(state.counters['Order Completed']!.days).length, 10_000);
    assert.equal(state.counters['Order Completed']!.sums['revenue'], '20200');
  }).timeout(4_000);
});

describe('consent', () => {
  const granted = [{ purpose: 'ads', status: 'granted' as const }];
  const denied = [{ purpose: 'ads', status: 'denied' as const }];

  it('is the last choice of an identifier', () => {
    const state = evolveAll(
      emptyState,
      [event(2, { consent: granted }), event(1, { consent: denied })],
      DEFAULT_FOLD_POLICY,
    );
    assert.deepEqual(consentInForce(state), {
      ads: { status: 'granted', at: '2026-01-02T12:00:00.000Z', source: 'web' },
    });
  });

  it('is denied while one identifier of the profile denies it', () => {
    const one = evolveAll(emptyState, [event(1, { consent: denied })], DEFAULT_FOLD_POLICY);
    const identifiers = [{ type: 'email', value: 'a@example.org' }];
    const two = evolveAll(emptyState, [event(2, { consent: granted, identifiers })], DEFAULT_FOLD_POLICY);
    assert.equal(consentInForce(merge(one, two, DEFAULT_FOLD_POLICY))['ads']?.status, 'denied');
  });

  it('of the later choice that names all identifiers holds for all', () => {
    const email = { type: 'email', value: 'a@example.org' };
    const state = evolveAll(
      emptyState,
      [
        event(1, { consent: denied }),
        event(2, { consent: granted, identifiers: [{ type: 'userId', value: 'u' }, email] }),
      ],
      DEFAULT_FOLD_POLICY,
    );
    assert.equal(consentInForce(state)['ads']?.status, 'granted');
  });
});

describe('a fragment', () => {
  it('remembers the earliest event that showed another identifier', () => {
    const identifiers = [
      { type: 'userId', value: 'u' },
      { type: 'anonymousId', value: 'a' },
    ];
    const early = event(1, { identifiers });
    const state = evolveFragmentAll(emptyFragment, [event(2, { identifiers }), early], DEFAULT_FOLD_POLICY);
    assert.deepEqual(state.evidence, {
      'anonymousId:a': { at: early.timestamp, source: 'web', messageId: early.messageId },
    });
    assert.deepEqual(state.profile.identifiers['anonymousId:a'], {
      first: '2026-01-01T12:00:00.000Z',
      last: '2026-01-02T12:00:00.000Z',
      count: 2,
    });
  });
});

describe('presenting a profile', () => {
  it('shows sums as numbers and identifiers strongest first', () => {
    const identifiers = [
      { type: 'userId', value: 'u' },
      { type: 'crmId', value: 'c' },
      { type: 'email', value: 'a@example.org' },
    ];
    const state = evolveAll(
      emptyState,
      [
        event(1, { identifiers, properties: { revenue: 56.77 } }),
        event(2, { properties: { revenue: 29.33 } }),
      ],
      DEFAULT_FOLD_POLICY,
    );
    const shown = presentProfile(state, DEFAULT_IDENTITY_RULES);
    assert.deepEqual(shown.computed.byEvent['Order Completed']?.sums, { revenue: 86.1 });
    assert.deepEqual(shown.identifiers, ['userId:u', 'crmId:c', 'email:a@example.org']);
  });
});

describe('the order of JSON values', () => {
  it('is by kind, then by value', () => {
    const ordered = [null, false, true, -1, 2, 10, '10', 'a', [1], { a: 1 }];
    assert.deepEqual([...ordered].reverse().sort(compareJson), ordered);
  });
});
