import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import type { JsonObject } from '../../../domain/json.ts';
import { fieldChanges } from '../../../domain/quality/fields.ts';
import { PayloadDraft } from '../../../domain/quality/payload.ts';
import { joinShapes, type EventShape } from '../../../domain/quality/shape.ts';

const NOW = '2026-11-01T12:00:00.000Z';

function payloads(...given: readonly JsonObject[]): EventShape {
  const draft = new PayloadDraft('Order Completed', 'track');
  for (const payload of given) draft.add(payload, NOW);
  return draft.finish();
}

const paths = (shape: EventShape): string[] => Object.keys(shape.fields);

describe('the shape of raw payloads', () => {
  it('has the paths of a record as mappings write them', () => {
    assert.deepEqual(paths(payloads({ id: 1, lines: [{ sku: 'a' }, { price: '1' }] })), [
      '$.id',
      '$.lines',
      '$.lines[]',
      '$.lines[].sku',
      '$.lines[].price',
    ]);
  });

  it('takes members whose names are ids, dates, addresses or texts as one', () => {
    const byId = { '4711': 1, '2026-11-01': 2, 'jane@example.org': 3, 'a0b1c2d3-e4f5': 4, ab12345cd: 5 };
    const shape = payloads({ byId, links: { 'https://example.org/x': true, [`t${'x'.repeat(70)}`]: true } });
    assert.deepEqual(paths(shape), ['$.byId', '$.byId.*', '$.links', '$.links.*']);
    assert.equal(shape.fields['$.byId.*']?.count, 1, 'a payload counts once, however many it has');
    const plain = { billing_address1: 1, Field_2024__c: 1, facade: 1, utm_source: 1, 'First Name': 1 };
    assert.equal(paths(payloads(plain)).length, 5);
  });

  it('is bounded, whatever names a sender makes up', () => {
    const names = fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 300, maxLength: 500 });
    fc.assert(
      fc.property(names, names, (some, others) => {
        const shape = joinShapes(
          payloads(Object.fromEntries(some.map((name) => [name, 1]))),
          payloads(Object.fromEntries(others.map((name) => [`x${name}`, 1]))),
        );
        assert.ok(paths(shape).length <= 400);
      }),
      { numRuns: 20 },
    );
  });

  it('looks at a sample of many, and finds what is new and what is gone in it', () => {
    const many = (count: number, payload: JsonObject): EventShape =>
      payloads(...Array.from({ length: count }, () => payload));
    const before = many(2_000, { id: 1, total: '1' });
    assert.equal(before.events, 64 + 121);
    const after = joinShapes(before, many(2_000, { id: 1, loyalty: { tier: 'gold' } }));
    assert.deepEqual(
      fieldChanges([after], NOW).map(({ event, path, change }) => `${event}: ${path} ${change}`),
      [
        'Order Completed: $.total vanished',
        'Order Completed: $.loyalty new',
        'Order Completed: $.loyalty.tier new',
      ],
    );
  });
});
