import assert from 'node:assert/strict';
import { identifierKey } from '../../../domain/identity/identifier.ts';
import { DEFAULT_IDENTITY_RULES } from '../../../domain/identity/rules.ts';
import { selectIdentifiers, type IdentifierContext } from '../../../domain/mapping/identifiers.ts';

function all(given: Record<string, string>, context: Partial<IdentifierContext> = {}): string[][] {
  const candidates = Object.entries(given).map(([type, value]) => ({ type, value }));
  const { identifiers, blocked } = selectIdentifiers(candidates, {
    rules: DEFAULT_IDENTITY_RULES,
    ...context,
  });
  return [identifiers.map(identifierKey), (blocked ?? []).map(identifierKey)];
}

function select(given: Record<string, string>, context: Partial<IdentifierContext> = {}): string[] {
  return all(given, context)[0] ?? [];
}

describe('the identifiers of a message', () => {
  it('lead with what the version that the tenant began with says; a newer one only adds', () => {
    const email = 'a@xn--bcher-kva.example';
    assert.deepEqual(select({ email }, { version: 1 }), [`email:${email}`, 'email:a@bücher.example']);
    assert.deepEqual(select({ email }, { version: 2 }), ['email:a@bücher.example']);
  });

  it('name the mailbox after everything else, and only where the tenant wants it', () => {
    const given = { email: 'jane.doe+x@gmail.com', phone: '+41791234567' };
    assert.deepEqual(select(given), ['email:jane.doe+x@gmail.com', 'phone:+41791234567']);
    assert.deepEqual(select(given, { mailboxes: true }), [
      'email:jane.doe+x@gmail.com',
      'phone:+41791234567',
      'mailbox:janedoe@gmail.com',
    ]);
  });

  it('read a phone number by the country of its source', () => {
    assert.deepEqual(select({ phone: '079 123 45 67' }), []);
    assert.deepEqual(select({ phone: '079 123 45 67' }, { defaultCountry: 'CH' }), ['phone:+41791234567']);
  });

  it('keep what is blocked apart, in the same order', () => {
    const given = { email: 'test@test.com', userId: 'null', phone: '+41791234567', anonymousId: 'a1' };
    assert.deepEqual(all(given), [
      ['anonymousId:a1', 'phone:+41791234567'],
      ['userId:null', 'email:test@test.com'],
    ]);
  });

  it('leave out what systems write where they have nothing, in any case', () => {
    for (const junk of [
      'null',
      'NULL',
      ' Undefined ',
      '[object Object]',
      '0000',
      '{{userId}}',
      '#N/A',
      'n/a',
      'nan',
    ])
      assert.deepEqual(select({ userId: junk }), [], junk);
    for (const junk of ['test@test.com', 'noreply@shop.example', 'x@localhost'])
      assert.deepEqual(select({ email: junk }), [], junk);
    for (const fine of ['1', '12345', 'user', 'nullarbor', '10000'])
      assert.equal(select({ userId: fine }).length, 1);
  });
});
