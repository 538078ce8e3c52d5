import assert from 'node:assert/strict';
import fc from 'fast-check';
import { normalizeIdentifier } from '../../../domain/identity/normalize.ts';

function value(type: string, text: string, defaultCountry?: string): string | undefined {
  const result = normalizeIdentifier(type, text, defaultCountry === undefined ? {} : { defaultCountry });
  return result.ok ? result.value : undefined;
}

describe('normalizing identifiers', () => {
  for (const [type, given, expected] of [
    ['email', '  Jane.Doe@Example.COM ', 'jane.doe@example.com'],
    ['email', '\u200bjane@example.com\ufeff', 'jane@example.com'],
    ['email', 'ｊａｎｅ@example.com', 'jane@example.com'],
    ['email', 'jane+tag@example.com', 'jane+tag@example.com'],
    ['email', 'jürg@bücher.example', 'jürg@bücher.example'],
    ['email', 'ju\u0308rg@example.com', 'jürg@example.com'],
    ['email', 'jane', undefined],
    ['email', 'jane@localhost', undefined],
    ['email', 'a@b@c.de', undefined],
    ['email', 'ja\u200bne@example.com', undefined],
    ['email', 'jane@example..com', undefined],
    ['userId', ' 42 ', '42'],
    ['userId', 'Ab-C', 'Ab-C'],
    ['userId', 'e\u0301', 'é'],
    ['userId', '', undefined],
    ['userId', '   ', undefined],
    ['userId', 'a\u0000b', undefined],
    ['userId', 'a\u200db', undefined],
    ['userId', 'a\ud800', undefined],
    ['userId', 'a b', 'a b'],
    ['userId', 'x'.repeat(513), undefined],
    ['userId', 'x'.repeat(512), 'x'.repeat(512)],
    ['anonymousId', 'AbC', 'AbC'],
    ['a:b', 'x', undefined],
    ['__proto__', 'x', undefined],
    ['phone', '+41791234567', '+41791234567'],
    ['phone', '+41 79 123 45 67', '+41791234567'],
    ['phone', '0041791234567', '+41791234567'],
    ['phone', '+41 (0)79 123 45 67', '+41791234567'],
    ['phone', '+410791234567', '+41791234567'],
    ['phone', '079 123 45 67', undefined],
    ['phone', 'call me', undefined],
    ['phone', '+1', undefined],
  ] as const) {
    it(`reads ${type} ${JSON.stringify(given.slice(0, 40))} as ${expected?.slice(0, 40) ?? 'invalid'}`, () => {
      assert.equal(value(type, given), expected);
    });
  }

  it('reads a national phone number by the default country', () => {
    assert.equal(value('phone', '079 123 45 67', 'ch'), '+41791234567');
  });

  it('says why a value is no identifier without repeating it', () => {
    const result = normalizeIdentifier('email', 'secret-name');
    assert.ok(!result.ok);
    assert.match(result.reason, /name@domain/);
    assert.doesNotMatch(result.reason, /secret/);
  });

  it('is idempotent', () => {
    const local = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 });
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: 'grapheme' }),
      local.map((name) => `${name}@Example.com`),
      fc.stringMatching(/^[ +(]{0,2}0{0,2}[0-9 ()-]{5,16}$/),
    );
    fc.assert(
      fc.property(fc.constantFrom('email', 'phone', 'userId'), text, (type, given) => {
        const once = value(type, given, 'CH');
        if (once !== undefined) assert.equal(value(type, once, 'CH'), once);
      }),
      { numRuns: 2000 },
    );
  });
});
