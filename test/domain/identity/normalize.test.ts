import assert from 'node:assert/strict';
import { domainToASCII } from 'node:url';
import fc from 'fast-check';
import { mailboxOf } from '../../../domain/identity/normalize-email.ts';
import { decodePunycode } from '../../../domain/identity/punycode.ts';
import { NORMALIZER_VERSION, normalizeIdentifier } from '../../../domain/identity/normalize.ts';

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
    ['email', 'jane@xn--bcher-kva.example', 'jane@bücher.example'],
    ['email', 'jane@XN--BCHER-KVA.example', 'jane@bücher.example'],
    ['email', 'jane@shop.xn--mnchen-3ya.de', 'jane@shop.münchen.de'],
    ['email', 'jane@xn--fiqs8s', undefined],
    ['email', 'jane@mail.xn--fiqs8s', 'jane@mail.中国'],
    ['email', 'jane@xn--ls8h.la', 'jane@xn--ls8h.la'],
    ['email', 'jane@xn--a.com', 'jane@xn--a.com'],
    ['email', 'jane@xn--99999999999.com', 'jane@xn--99999999999.com'],
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

  it('reads Punycode as its first version did not, and answers that version for those who began with it', () => {
    const first = normalizeIdentifier('email', 'Jane@xn--bcher-kva.example', { version: 1 });
    assert.deepEqual(first, { ok: true, value: 'jane@xn--bcher-kva.example' });
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
      fc.stringMatching(/^[a-z]{1,3}@xn--[a-z0-9-]{1,12}\.(com|xn--[a-z0-9]{3,8})$/),
      fc.stringMatching(/^[ +(]{0,2}0{0,2}[0-9 ()-]{5,16}$/),
    );
    fc.assert(
      fc.property(
        fc.constantFrom('email', 'phone', 'userId'),
        text,
        fc.constantFrom(1, NORMALIZER_VERSION),
        (type, given, version) => {
          const once = normalizeIdentifier(type, given, { defaultCountry: 'CH', version });
          if (once.ok)
            assert.deepEqual(normalizeIdentifier(type, once.value, { defaultCountry: 'CH', version }), once);
        },
      ),
      { numRuns: 2000 },
    );
  });
});

describe('Punycode', () => {
  it('reads back what the platform writes', () => {
    const label = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(label, (text) => {
        const encoded = domainToASCII(text.replace(/[^\p{L}\p{N}]/gu, ''));
        fc.pre(encoded.startsWith('xn--'));
        assert.equal(domainToASCII(decodePunycode(encoded.slice('xn--'.length)) ?? ''), encoded);
      }),
    );
  });

  it('never throws on what is none', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary-ascii', maxLength: 40 }), (text) => {
        const decoded = decodePunycode(text);
        assert.ok(decoded === undefined || typeof decoded === 'string');
      }),
    );
  });
});

describe('the mailbox of an address', () => {
  for (const [email, mailbox] of [
    ['jane.doe+news@gmail.com', 'janedoe@gmail.com'],
    ['j.a.n.e@googlemail.com', 'jane@gmail.com'],
    ['jane.doe+x@outlook.com', 'jane.doe@outlook.com'],
    ['jane+x@me.com', 'jane@icloud.com'],
    ['jane+x@example.com', undefined],
    ['+x@gmail.com', undefined],
  ] as const) {
    it(`of ${email} is ${mailbox ?? 'not known'}`, () => {
      assert.equal(mailboxOf(email), mailbox);
    });
  }

  it('is its own mailbox', () => {
    const email = fc.stringMatching(
      /^[a-z.+]{1,8}@(gmail\.com|googlemail\.com|pm\.me|mac\.com|example\.com)$/,
    );
    fc.assert(
      fc.property(email, (given) => {
        const mailbox = mailboxOf(given);
        if (mailbox !== undefined) assert.equal(mailboxOf(mailbox), mailbox);
      }),
    );
  });
});
