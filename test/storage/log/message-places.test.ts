import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { keyedHash } from '../../../storage/keyed-hash.ts';
import { messagePlaces } from '../../../storage/log/message-places.ts';

const place = messagePlaces(keyedHash(Buffer.alloc(32, 7)));
const at = (messageId: string): string => {
  const { pk, sk } = place({ source: 'web', messageId });
  return `${pk} ${sk}`;
};
const partition = (messageId: string): string => place({ source: 'web', messageId }).pk;
/** What an entry lies by where a table keeps its keys in order. */
const neighbourhood = (messageId: string): string => partition(messageId).split('/').slice(0, 3).join('/');

const FILE = 'abcdefghijklmnopqrstuv';
const digits = fc
  .array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 5 })
  .map((all) => all.join(''));
/** Ids that are made to be taken for one another. */
const id = fc.oneof(
  fc.string({ minLength: 1, maxLength: 12 }),
  fc
    .tuple(fc.constantFrom('', 'm-', 'evt_', `${FILE}-`, 'numbered\n', 'timed\n', 'n'), digits)
    .map((all) => all.join('')),
  fc
    .tuple(
      fc.constantFrom('a-', 'b-'),
      fc.constantFrom('1700000000123', '1700000000124'),
      fc.constantFrom('', '-x', '-7', '7'),
    )
    .map((all) => all.join('')),
  fc.constantFrom(
    '01HZX3V8K0ABCDEFGHJKMNPQRS',
    '01HZX3V8K0ABCDEFGHJKMNPQRT',
    '018f6f3e-1a2b-7c3d-8e4f-5a6b7c8d9e0f',
  ),
);

describe('places of messages', () => {
  it('are never shared by two ids, and always the same for one', () => {
    fc.assert(
      fc.property(fc.uniqueArray(id, { minLength: 2, maxLength: 30 }), (ids) => {
        assert.equal(new Set(ids.map(at)).size, ids.length);
        assert.deepEqual(ids.map(at).reverse(), [...ids].reverse().map(at));
      }),
      { numRuns: 500 },
    );
  });

  it('of ids that count are side by side, a hundred at a time', () => {
    for (const prefix of ['', 'order-', 'order', `${randomUUID()}-`, 'shop/2024/']) {
      const ids = Array.from({ length: 100 }, (_, index) => `${prefix}${4_711_000_000 + index}`);
      assert.equal(new Set(ids.map(partition)).size, 1);
      assert.notEqual(partition(`${prefix}4711000100`), partition(ids[0] ?? ''));
    }
  });

  it('of ids that tell when they were made are side by side by that, over many partitions', () => {
    const since = Date.UTC(2026, 10, 1);
    const kinds: [string, (ms: number) => string][] = [
      ['a library of Segment', (ms) => `ajs-next-${ms}-${randomUUID()}`],
      [
        'a UUID of version 7',
        (ms) => `${hex(ms).slice(0, 8)}-${hex(ms).slice(8)}-7${randomUUID().slice(15)}`,
      ],
      [
        'a ULID',
        (ms) =>
          `01HZX3V8${String(ms).slice(-2)}ABCDEF${randomUUID()
            .slice(0, 8)
            .toUpperCase()
            .replaceAll(/[ILOU-]/g, '0')}00`,
      ],
    ];
    for (const [name, make] of kinds) {
      const ids = Array.from({ length: 100 }, (_, index) => make(since + (index % 50)));
      assert.equal(new Set(ids).size, 100, name);
      assert.ok(new Set(ids.map(neighbourhood)).size <= 2, name);
      assert.ok(new Set(ids.map(partition)).size > 10, name);
    }
    assert.notEqual(neighbourhood(`ajs-next-${since}-x`), neighbourhood(`ajs-next-${since + 60_000}-x`));
  });

  it('of ids whose chance ends in digits are where the others of their kind are', () => {
    const since = Date.UTC(2026, 10, 1);
    const [ended, other] = ['5b0f8f1e-0c1d-4e5f-8a9b-123456789012', '5b0f8f1e-0c1d-4e5f-8a9b-12345678901a'];
    for (const [one, two] of [
      [`ajs-next-${since}-${ended}`, `ajs-next-${since}-${other}`],
      ['01HZX3V8K0ABCDEFGHJKMNP123', '01HZX3V8K0ABCDEFGHJKMNPQRS'],
    ] as const)
      assert.equal(neighbourhood(one), neighbourhood(two));
    assert.notEqual(neighbourhood(`order-${ended}`), neighbourhood(`order-${ended.slice(0, -1)}3`));
  });

  it('of ids that tell nothing are scattered', () => {
    const ids = Array.from({ length: 100 }, () => randomUUID());
    assert.equal(new Set([...ids.map(neighbourhood)]).size, 100);
  });

  it('show no more of an id than two digits of a number', () => {
    for (const secret of ['jane@example.com', 'jane@example.com-1700000000123-x', 'jane-0491123456'])
      assert.doesNotMatch(at(secret), /jane|example|17000|04911|1234/);
  });

  it('are apart by source', () => {
    assert.notEqual(place({ source: 'a', messageId: 'm-1' }).pk, place({ source: 'b', messageId: 'm-1' }).pk);
  });
});

function hex(ms: number): string {
  return ms.toString(16).padStart(12, '0');
}
