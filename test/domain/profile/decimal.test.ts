import assert from 'node:assert/strict';
import fc from 'fast-check';
import { addDecimals, toDecimal } from '../../../domain/profile/decimal.ts';

const SCALE = 24;

/** The value times 10^24, by another way than the one under test. */
function reference(text: string): bigint {
  const negative = text.startsWith('-');
  const [whole = '', fraction = ''] = text.replace('-', '').split('.');
  const scaled = BigInt(whole + fraction.padEnd(SCALE, '0'));
  return negative ? -scaled : scaled;
}

const decimal = fc
  .tuple(fc.boolean(), fc.bigInt({ min: 0n, max: 10n ** 22n }), fc.integer({ min: 0, max: 20 }))
  .map(([negative, digits, scale]) => {
    const text = String(digits).padStart(scale + 1, '0');
    const plain = scale === 0 ? text : `${text.slice(0, -scale)}.${text.slice(-scale)}`;
    return toDecimal(negative ? `-${plain}` : plain) ?? '';
  });

describe('exact decimals', () => {
  it('add as whole numbers of the smallest unit do', () => {
    fc.assert(
      fc.property(decimal, decimal, (a, b) => {
        const sum = addDecimals(a, b);
        assert.equal(reference(sum), reference(a) + reference(b));
        assert.equal(toDecimal(sum), sum);
      }),
      { numRuns: 2000 },
    );
  });

  it('add cents as people do, in any grouping', () => {
    const cents = fc.integer({ min: -10_000_000, max: 10_000_000 });
    fc.assert(
      fc.property(fc.array(cents, { maxLength: 50 }), (all) => {
        const sum = all.reduce((total, value) => addDecimals(total, toDecimal(value / 100) ?? ''), '0');
        assert.equal(reference(sum), BigInt(all.reduce((a, b) => a + b, 0)) * 10n ** 22n);
      }),
    );
  });

  it('keep the shortest text of a number', () => {
    fc.assert(
      fc.property(fc.double({ min: -1e20, max: 1e20, noNaN: true }), (value) => {
        const text = toDecimal(value);
        if (text !== undefined) assert.equal(Number(text), value === 0 ? 0 : value);
      }),
      { numRuns: 2000 },
    );
  });

  for (const [given, expected] of [
    [29.33, '29.33'],
    [-0, '0'],
    [1e-7, '0.0000001'],
    [-1.5e-9, '-0.0000000015'],
    [1e21, '1000000000000000000000'],
    ['12.10', '12.1'],
    ['+007', '7'],
    ['-0.00', '0'],
    [' 3 ', '3'],
    [0.1, '0.1'],
    [NaN, undefined],
    [Infinity, undefined],
    [1e300, undefined],
    [1e-300, undefined],
    ['1e5', undefined],
    ['', undefined],
    ['abc', undefined],
    ['1,5', undefined],
    [null, undefined],
    [true, undefined],
    ['9'.repeat(30), undefined],
  ] as const) {
    it(`read ${JSON.stringify(given)} (${typeof given}) as ${expected ?? 'no decimal'}`, () => {
      assert.equal(toDecimal(given), expected);
    });
  }

  it('do not lose the cents that doubles lose', () => {
    assert.equal(addDecimals('0.1', '0.2'), '0.3');
    assert.equal(addDecimals('9007199254740993', '0.01'), '9007199254740993.01');
    assert.equal(addDecimals('5.5', '-5.5'), '0');
  });
});
