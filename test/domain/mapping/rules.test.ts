import assert from 'node:assert/strict';
import fc from 'fast-check';
import { DEFAULT_IDENTITY_RULES } from '../../../domain/identity/rules.ts';
import type { JsonObject, JsonValue } from '../../../domain/json.ts';
import { InvalidMapping } from '../../../domain/mapping/compile.ts';
import { compileMapping, mapItem, type Mapped } from '../../../domain/mapping/map-item.ts';
import type {
  Condition,
  MappingDefinition,
  RuleMapping,
  ValueSource,
} from '../../../domain/mapping/types.ts';

const receivedAt = '2026-11-23T12:00:00.000Z';

function define(rules: RuleMapping[], ignore: Condition[] = []): MappingDefinition {
  return { name: 'own', version: 1, description: '', kind: 'rules', rules, ignore };
}

function map(definition: MappingDefinition, body: JsonValue, delivery: JsonObject = {}): Mapped {
  return mapItem(
    compileMapping(definition),
    { body, receivedAt, delivery },
    { source: 'pos', rules: DEFAULT_IDENTITY_RULES, fallbackMessageId: 'b-1' },
  );
}

const RULE: RuleMapping = {
  name: 'seen',
  type: 'track',
  event: { const: 'Seen' },
  identifiers: { email: { path: '$.email' } },
};

function valueOf(source: ValueSource, body: JsonObject, delivery: JsonObject = {}): JsonValue | undefined {
  const rule = { ...RULE, identifiers: { userId: { const: 'u' } }, properties: { value: source } };
  const mapped = map(define([rule]), body, delivery);
  if (!mapped.ok) throw new Error(mapped.detail);
  return mapped.events[0]?.properties['value'];
}

describe('mapping rules', () => {
  it('make the events of every rule that takes the record, one for each element where asked', () => {
    const definition = define([
      {
        ...RULE,
        name: 'person',
        type: 'identify',
        event: { const: 'Identify' },
        when: { path: '$.email', exists: true },
      },
      {
        ...RULE,
        name: 'line',
        each: '$.lines',
        messageId: { template: 'o${$root.id}-${$index}' },
        identifiers: { email: { path: '$root.email' } },
        properties: { sku: { path: '$.sku', required: true }, topic: { path: '$delivery.topic' } },
      },
    ]);
    const mapped = map(
      definition,
      { id: 7, email: 'a@b.org', lines: [{ sku: 'x' }, { sku: 'y' }] },
      { topic: 'orders' },
    );
    assert.ok(mapped.ok);
    assert.deepEqual(
      mapped.events.map(({ event, messageId, properties }) => [event, messageId, properties]),
      [
        ['Identify', 'b-1', {}],
        ['Seen', 'o7-0', { sku: 'x', topic: 'orders' }],
        ['Seen', 'o7-1', { sku: 'y', topic: 'orders' }],
      ],
    );
  });

  it('refuse the record as a whole where one event can not be made, and name rule, element and path', () => {
    const definition = define([
      {
        ...RULE,
        each: '$.lines',
        identifiers: { email: { path: '$root.email' } },
        properties: { sku: { path: '$.sku', required: true } },
      },
    ]);
    const mapped = map(definition, { email: 'a@b.org', lines: [{ sku: 'x' }, {}] });
    assert.ok(!mapped.ok);
    assert.equal(mapped.detail, 'seen: $.lines[1]: properties.sku: $.sku is required and absent');
  });

  it('hold what no rule takes, unless it is known to say nothing of a person', () => {
    const definition = define(
      [{ ...RULE, when: { path: '$.kind', equals: 'person' } }],
      [{ path: '$.kind', in: ['ping', 'stock'] }],
    );
    assert.deepEqual(map(definition, { kind: 'ping' }), { ok: true, events: [] });
    const unknown = map(definition, { kind: 'new' });
    assert.ok(!unknown.ok);
    assert.equal(unknown.code, 'unknown-record');
  });

  it('pass over recipients that are nobody beside one who is somebody', () => {
    const definition = define([{ ...RULE, each: '$.to', identifiers: { email: { path: '$' } } }]);
    const mapped = map(definition, { to: ['noreply@shop.org', 'a@b.org'] });
    assert.ok(mapped.ok && mapped.events.length === 1);
    const nobody = map(definition, { to: ['noreply@shop.org'] });
    assert.ok(!nobody.ok && nobody.code === 'no-identifier');
  });

  it('take names from the record, never that of a prototype', () => {
    const rule: RuleMapping = {
      ...RULE,
      traits: { city: { const: 'Bern' } },
      pairs: [
        {
          into: 'traits',
          each: '$.fields',
          name: { path: '$.name', lookup: { full: 'name' }, orKeep: true },
          value: { path: '$.values[0]' },
        },
      ],
    };
    const fields = [
      { name: 'full', values: ['Jane'] },
      { name: 'city', values: ['Rome'] },
      { name: 'size', values: ['L'] },
    ];
    const mapped = map(define([rule]), { email: 'a@b.org', fields });
    assert.ok(mapped.ok);
    assert.deepEqual(mapped.events[0]!.traits, { city: 'Bern', name: 'Jane', size: 'L' });
    const hostile = map(define([rule]), { email: 'a@b.org', fields: [{ name: '__proto__', values: ['x'] }] });
    assert.ok(!hostile.ok && hostile.code === 'invalid-record');
  });

  it('never throw, whatever the record', () => {
    const definition = define([
      {
        ...RULE,
        when: { any: [{ path: '$.a', exists: true }, { not: { path: '$.b', matches: '*x*' } }] },
        each: '$.c',
      },
      {
        ...RULE,
        properties: {
          n: { minorUnits: { path: '$.a' }, currency: { path: '$.b' } },
          l: { each: '$.c', item: { path: '$.d' } },
          s: { sum: [{ path: '$.c[*].d' }] },
        },
      },
    ]);
    const record = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'email'), fc.jsonValue());
    fc.assert(fc.property(record, (body) => typeof map(definition, body as JsonValue).ok === 'boolean'));
  });
});

describe('values of a mapping', () => {
  const body: JsonObject = {
    cents: 1999,
    currency: 'EUR',
    yen: 500,
    jpy: 'JPY',
    lines: [
      { price: '10.10', qty: 2 },
      { price: '0.20', qty: 1 },
    ],
    headers: [
      { name: 'To', value: 'x' },
      { name: 'Subject', value: 'Hello' },
    ],
    tags: 'a; b;;c',
    us: '3/7/2026 9:05 PM',
    blank: ' ',
  };
  for (const [name, source, expected] of [
    ['cents', { minorUnits: { path: '$.cents' }, currency: { path: '$.currency' } }, 19.99],
    ['a currency without cents', { minorUnits: { path: '$.yen' }, currency: { path: '$.jpy' } }, 500],
    ['a sum of a list', { sum: [{ path: '$.lines[*].price' }] }, 10.3],
    [
      'a sum of products',
      { sum: [{ each: '$.lines', item: { multiply: [{ path: '$.price' }, { path: '$.qty' }] } }] },
      20.4,
    ],
    ['a difference', { subtract: [{ const: '0.3' }, { const: '0.1' }, { const: '0.1' }] }, 0.1],
    ['a member of a list by its name', { path: "$.headers[name='Subject'].value" }, 'Hello'],
    ['the first that is there', { first: [{ path: '$.blank' }, { path: '$.currency' }] }, 'EUR'],
    ['a lookup', { path: '$.currency', lookup: { EUR: 'euro' } }, 'euro'],
    ['a lookup that finds nothing', { path: '$.jpy', lookup: { EUR: 'euro' } }, undefined],
    ['a split text', { path: '$.tags', split: ';' }, ['a', 'b', 'c']],
    [
      'a time in a format',
      { path: '$.us', as: 'datetime', format: 'M/D/YYYY h:mm A' },
      '2026-03-07T21:05:00.000Z',
    ],
    [
      'a choice',
      { when: { path: '$.cents', equals: 1999 }, then: { const: 'yes' }, else: { const: 'no' } },
      'yes',
    ],
    ['an object', { object: { c: { path: '$.currency' }, n: { path: '$.none' } } }, { c: 'EUR' }],
    ['nothing of an empty object', { object: { n: { path: '$.none' } } }, undefined],
  ] as [string, ValueSource, JsonValue | undefined][]) {
    it(`can be ${name}`, () => {
      assert.deepEqual(valueOf(source, body), expected);
    });
  }

  it('keep money exact: a sum of cents is the cents of the sum', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -1_000_000, max: 1_000_000 }), { minLength: 1, maxLength: 20 }),
        (cents) => {
          const item: ValueSource = { minorUnits: { path: '$' }, currency: { const: 'EUR' } };
          const total = valueOf({ sum: [{ each: '$.cents', item }] }, { cents });
          const whole = cents.reduce((sum, cent) => sum + cent, 0);
          assert.equal(total, valueOf({ minorUnits: { const: whole }, currency: { const: 'EUR' } }, {}));
        },
      ),
    );
  });

  it('say what was expected where they can not be read', () => {
    assert.throws(
      () => valueOf({ minorUnits: { path: '$.currency' }, currency: { path: '$.currency' } }, body),
      /whole number of minor units/,
    );
    assert.throws(
      () => valueOf({ path: '$.tags', as: 'date', format: 'YYYY-MM-DD' }, body),
      /not written as YYYY-MM-DD/,
    );
    assert.throws(
      () => valueOf({ each: '$.currency', item: { path: '$' } }, body),
      /\$\.currency is not a list/,
    );
  });
});

describe('compiling rules', () => {
  it('names every place that is wrong', () => {
    const wrong = define(
      [
        {
          ...RULE,
          when: { all: [{ path: '$x', exists: true }] },
          each: '$..',
          properties: {
            at: { path: '$.at', as: 'date', format: 'MM/YYYY' },
            t: { template: '${$[}' },
            u: { template: '${$.a' },
          },
          pairs: [{ into: 'traits', name: { path: '$.n[' }, value: { path: '$' } }],
        },
      ],
      [{ path: '$..', exists: true }],
    );
    assert.throws(
      () => compileMapping(wrong),
      (error) => {
        assert.ok(error instanceof InvalidMapping);
        assert.deepEqual(
          error.errors.map(({ path }) => path),
          [
            'rules.0.when',
            'rules.0.each',
            'rules.0.properties.at',
            'rules.0.properties.t',
            'rules.0.properties.u',
            'rules.0.pairs.0.name',
            'ignore.0',
          ],
        );
        return true;
      },
    );
  });

  it('refuses what is nested beyond sense, before it is walked', () => {
    let condition: Condition = { path: '$.a', exists: true };
    for (let depth = 0; depth < 10_000; depth++) condition = { not: condition };
    assert.throws(() => compileMapping(define([{ ...RULE, when: condition }])), /less nesting/);
  });
});
