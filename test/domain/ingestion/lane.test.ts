import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { laneOf, laneOfRecord, laneOfText } from '../../../domain/ingestion/lane.ts';

const LANES = 4;
const MEMBERS = ['customer_id', 'email'];
const laneOfRow = (row: unknown): number => laneOfRecord(JSON.stringify(row), MEMBERS, LANES);

describe('lane of an item', () => {
  it('is that of its strongest id, whatever else it says', () => {
    const lane = laneOf({ userId: 'ann', anonymousId: 'a1', messageId: 'm1' }, LANES);
    assert.equal(laneOf({ userId: 'ann', anonymousId: 'a2', messageId: 'm2' }, LANES), lane);
    assert.equal(laneOf(null, LANES), laneOf([], LANES));
  });
});

describe('lane of a record', () => {
  it('is that of what the mapping knows its person by, whatever else stands in it and where', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.string(), fc.integer(), (id, other, n) => {
        fc.pre(id.trim() !== '' && !other.includes('customer_id'));
        const lane = laneOfRow({ customer_id: id, other, n });
        assert.ok(lane >= 0 && lane < LANES);
        assert.equal(laneOfRow({ n: n + 1, customer_id: id }), lane);
        assert.equal(laneOfRow({ deep: { customer_id: id } }), lane);
      }),
    );
  });

  it('reads numbers, spaced JSON and the next member where one has no value', () => {
    const lane = laneOfRow({ customer_id: '4711' });
    assert.equal(laneOfRecord('{ "customer_id" : 4711 }', MEMBERS, LANES), lane);
    assert.equal(laneOfRow({ customer_id: ' 4711 ' }), lane);
    for (const nothing of ['', null])
      assert.equal(laneOfRow({ customer_id: nothing, email: 'a@x' }), laneOfRow({ email: 'a@x' }));
  });

  it('is that of its text where it names nobody', () => {
    const text = '["1997-01-01",2]';
    assert.equal(laneOfRecord(text, MEMBERS, LANES), laneOfText(text, LANES));
    assert.equal(laneOfRecord('{"customer_id":{"a":1}}', MEMBERS, 1), 0);
  });

  it('spreads people evenly', () => {
    const counts = Array.from({ length: LANES }, () => 0);
    for (let i = 0; i < 4_000; i += 1) {
      const lane = laneOfRow({ customer_id: String(i).padStart(7, '0') });
      counts[lane] = (counts[lane] ?? 0) + 1;
    }
    for (const count of counts) assert.ok(count > 800 && count < 1_200, counts.join(' '));
  });
});
