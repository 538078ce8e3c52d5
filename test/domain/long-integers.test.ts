import assert from 'node:assert/strict';
import { quoteLongIntegers } from '../../domain/long-integers.ts';

describe('numbers in JSON', () => {
  for (const [what, given, expected] of [
    ['beyond 2^53, become texts of their digits', '{"a":90071992547409931}', '{"a":"90071992547409931"}'],
    ['below -2^53, become texts of their digits', '[-9007199254740993,1]', '["-9007199254740993",1]'],
    [
      'that a double holds by chance, become texts of their digits as well',
      '[9007199254740992]',
      '["9007199254740992"]',
    ],
    ['up to 2^53, stay', '[9007199254740991]', '[9007199254740991]'],
    ['with a fraction or an exponent, stay', '[1.12345678901234567,1e300]', '[1.12345678901234567,1e300]'],
    [
      'within texts and names, stay',
      '{"12345678901234567":"\\"12345678901234567"}',
      '{"12345678901234567":"\\"12345678901234567"}',
    ],
  ] as const)
    it(what, () => {
      assert.equal(quoteLongIntegers(given), expected);
      assert.doesNotThrow(() => JSON.parse(quoteLongIntegers(given)) as unknown);
    });
});
