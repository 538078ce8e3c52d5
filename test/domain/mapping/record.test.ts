import assert from 'node:assert/strict';
import fc from 'fast-check';
import { DEFAULT_IDENTITY_RULES } from '../../../domain/identity/rules.ts';
import type { JsonValue } from '../../../domain/json.ts';
import { BUILT_IN_MAPPINGS } from '../../../domain/mapping/built-in.ts';
import { CDNOW_RECEIPTS } from '../../../domain/mapping/cdnow-receipts.ts';
import { InvalidMapping } from '../../../domain/mapping/compile.ts';
import { convert } from '../../../domain/mapping/convert.ts';
import { FEBRL_PERSON } from '../../../domain/mapping/febrl-person.ts';
import { compileMapping, mapItem, type Mapped } from '../../../domain/mapping/map-item.ts';
import { compilePath } from '../../../domain/mapping/path.ts';
import { scopeOf } from '../../../domain/mapping/scope.ts';
import type { Conversion, MappingDefinition, RecordMapping } from '../../../domain/mapping/types.ts';

const receivedAt = '2026-11-23T12:00:00.000Z';

function map(definition: MappingDefinition, body: JsonValue): Mapped {
  return mapItem(
    compileMapping(definition),
    { body, receivedAt },
    { source: 'pos', rules: DEFAULT_IDENTITY_RULES, fallbackMessageId: 'file-3' },
  );
}

function define(record: RecordMapping): MappingDefinition {
  return { name: 'own', version: 2, description: '', kind: 'record', record };
}

describe('the mapping of CDNOW receipts', () => {
  it('makes one order of a row', () => {
    assert.deepEqual(
      map(CDNOW_RECEIPTS, { customer_id: '00004', date: '1997-01-01', quantity: '2', amount: '29.33' }),
      {
        ok: true,
        events: [
          {
            messageId: 'file-3',
            type: 'track',
            event: 'Order Completed',
            timestamp: '1997-01-01T00:00:00.000Z',
            receivedAt,
            source: 'pos',
            identifiers: [{ type: 'loyaltyId', value: '00004' }],
            properties: { revenue: 29.33, quantity: 2, currency: 'USD' },
            traits: {},
            normalizer: 2,
            mapping: 'cdnow-receipts@1',
          },
        ],
      },
    );
  });

  it('names every field that is wrong, and no value', () => {
    const mapped = map(CDNOW_RECEIPTS, {
      customer_id: '00004',
      date: 'secret',
      quantity: '2.5',
      amount: '$3',
    });
    assert.ok(!mapped.ok);
    assert.equal(mapped.code, 'invalid-record');
    assert.match(mapped.detail, /timestamp: date is not a date/);
    assert.match(mapped.detail, /properties\.revenue: amount is not a decimal/);
    assert.match(mapped.detail, /properties\.quantity: quantity is not a whole number/);
    assert.doesNotMatch(mapped.detail, /secret/);
  });

  it('says which columns are missing', () => {
    const mapped = map(CDNOW_RECEIPTS, { customer_id: ' ', date: '1997-01-01', amount: '1' });
    assert.ok(!mapped.ok);
    assert.match(mapped.detail, /identifiers\.loyaltyId: customer_id is required and absent/);
    assert.match(mapped.detail, /properties\.quantity: quantity is required and absent/);
  });
});

describe('record mappings', () => {
  it('read the FEBRL sets, empty values left out', () => {
    const mapped = map(FEBRL_PERSON, {
      rec_id: 'rec-1-org',
      given_name: ' mitchell',
      surname: '',
      date_of_birth: ' 19560409',
    });
    assert.ok(mapped.ok);
    assert.deepEqual(mapped.events[0]?.traits, { firstName: 'mitchell', birthday: '19560409' });
    assert.deepEqual(mapped.events[0].identifiers, [{ type: 'crmId', value: 'rec-1-org' }]);
    assert.equal(mapped.events[0].timestamp, receivedAt);
  });

  it('read nested values, constants, templates and defaults', () => {
    const definition = define({
      type: 'track',
      event: { template: 'Ticket ${$.ticket.state}' },
      messageId: { template: '${$.ticket.id}-${$.ticket.state}' },
      timestamp: { path: '$.at', as: 'epoch-seconds' },
      identifiers: {
        contactId: { path: "$['the contact'].id" },
        email: { path: '$.mails[1]', as: 'lowercase' },
      },
      properties: {
        priority: { path: '$.priority', default: 'normal' },
        absent: { template: '${nothing} at all' },
        open: { path: '$.open', as: 'boolean' },
      },
    });
    const mapped = map(definition, {
      ticket: { id: 7, state: 'Opened' },
      at: 1_700_000_000,
      'the contact': { id: 12 },
      mails: ['x@example.org', 'Y@Example.org'],
      open: 'yes',
    });
    assert.ok(mapped.ok, JSON.stringify(mapped));
    const made = mapped.events[0]!;
    assert.equal(made.event, 'Ticket Opened');
    assert.equal(made.messageId, '7-Opened');
    assert.equal(made.timestamp, '2023-11-14T22:13:20.000Z');
    assert.deepEqual(made.properties, { priority: 'normal', open: true });
    assert.deepEqual(made.identifiers, [
      { type: 'contactId', value: '12' },
      { type: 'email', value: 'y@example.org' },
    ]);
    assert.equal(made.mapping, 'own@2');
  });

  it('refuse a number that may have been rounded wherever it would be a text, and say so', () => {
    const definition = define({
      type: 'track',
      event: { const: 'Paid' },
      messageId: { path: '$.id' },
      identifiers: { crmId: { path: '$.id', as: 'string' } },
      properties: { order: { template: 'order-${$.id}' } },
    });
    const mapped = map(definition, { id: 2 ** 53 });
    assert.ok(!mapped.ok);
    assert.match(mapped.detail, /identifiers\.crmId: \$\.id is not .* a number that JSON carries exactly/u);
    assert.match(mapped.detail, /properties\.order: \$\.id is not .* a number that JSON carries exactly/u);
    assert.match(mapped.detail, /messageId: expected a text/u);
    assert.ok(map(definition, { id: 2 ** 53 - 1 }).ok);
  });

  it('never reach the prototype', () => {
    for (const path of [
      'constructor',
      '__proto__',
      '$.constructor.name',
      '$.__proto__',
      '$.a.toString',
      '$.list.length',
    ]) {
      assert.equal(compilePath(path)?.(scopeOf({ a: {}, list: [1] })), undefined, path);
    }
  });

  it('never throw, whatever the record', () => {
    const column = fc.constantFrom('customer_id', 'date', 'quantity', 'amount');
    fc.assert(
      fc.property(
        fc.oneof(
          fc.jsonValue(),
          fc.dictionary(column, fc.oneof(fc.jsonValue(), fc.constantFrom('1', '1997-01-01'))),
        ),
        (body) => {
          const mapped = map(CDNOW_RECEIPTS, body as JsonValue);
          if (mapped.ok) assert.ok(mapped.events[0]!.identifiers.length > 0);
        },
      ),
    );
  });
});

describe('compiling a mapping', () => {
  it('accepts every built-in', () => {
    assert.deepEqual(
      BUILT_IN_MAPPINGS.map((definition) => compileMapping(definition).ref),
      BUILT_IN_MAPPINGS.map(({ name, version }) => `${name}@${version}`),
    );
  });

  function errors(definition: unknown): string[] {
    try {
      compileMapping(definition as MappingDefinition);
    } catch (error) {
      assert.ok(error instanceof InvalidMapping);
      return error.errors.map(({ path }) => path);
    }
    return [];
  }

  it('names every field of a definition that is wrong', () => {
    assert.deepEqual(errors({ name: 'Not A Name', version: 0, description: '', kind: 'segment' }), [
      'name',
      'version',
    ]);
    assert.deepEqual(errors({ name: 'x', version: 1, description: '', kind: 'record' }), ['record']);
    assert.deepEqual(
      errors(
        define({
          type: 'track',
          identifiers: { 'a:b': { path: '$.a[' } },
          properties: { p: { path: '$x' } },
        }),
      ),
      ['record.identifiers.a:b', 'record.properties.p', 'record.identifiers.a:b', 'record.event'],
    );
    assert.deepEqual(errors(define({ type: 'identify', identifiers: {} })), ['record.identifiers']);
    const unknown = {
      type: 'identify',
      identifiers: { crmId: { path: 'a', as: 'eval' } },
    } as unknown as RecordMapping;
    assert.deepEqual(errors(define(unknown)), ['record.identifiers.crmId.as']);
  });
});

describe('conversions', () => {
  for (const [as, given, expected] of [
    ['decimal', '29.330', 29.33],
    ['decimal', '12345678901234567890.12', '12345678901234567890.12'],
    ['decimal', '1,000.00', undefined],
    ['decimal', 0.1, 0.1],
    ['integer', '2', 2],
    ['integer', '2.5', undefined],
    ['integer', '9007199254740993', undefined],
    ['number', '1e3', 1000],
    ['number', '1e999', undefined],
    ['number', '0x10', undefined],
    ['number', '', undefined],
    ['boolean', 'NO', false],
    ['boolean', 1, true],
    ['boolean', 'maybe', undefined],
    ['string', 12, '12'],
    ['string', {}, undefined],
    ['string', -(2 ** 53), undefined],
    ['trim', 2 ** 60, undefined],
    ['trim', '90071992547409931', '90071992547409931'],
    ['lowercase', ' ABC ', 'abc'],
    ['date', '19970101', '1997-01-01'],
    ['date', '1997-02-30', undefined],
    ['datetime', '1997-01-01T01:00:00+01:00', '1997-01-01T00:00:00.000Z'],
    ['datetime', 5, undefined],
    ['epoch-millis', '1700000000000', '2023-11-14T22:13:20.000Z'],
    ['epoch-seconds', 1e300, undefined],
  ] as [Conversion, JsonValue, JsonValue | undefined][]) {
    it(`reads ${JSON.stringify(given)} as ${as}: ${expected === undefined ? 'invalid' : JSON.stringify(expected)}`, () => {
      assert.deepEqual(convert(given, as), expected);
    });
  }
});
