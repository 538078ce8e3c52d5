import assert from 'node:assert/strict';
import {
  DEFAULT_IDENTITY_RULES,
  isBlocked,
  limitOf,
  matchesGlob,
  rank,
} from '../../../domain/identity/rules.ts';

const blocked = (type: string, value: string): boolean => isBlocked({ type, value }, DEFAULT_IDENTITY_RULES);

describe('the rules of identity', () => {
  it('block what systems write where they have no value, in any case', () => {
    for (const value of [
      '',
      '  ',
      'null',
      'NULL',
      'Undefined',
      '[object Object]',
      '0000',
      'N/A',
      '(not set)',
    ])
      assert.ok(blocked('userId', value), value);
    assert.ok(blocked('email', 'Test@Test.com'));
    assert.ok(blocked('email', 'noreply@shop.example'));
  });

  it('let through what only resembles a placeholder', () => {
    for (const value of ['nullah', '00001234', '10', 'testing', 'anonymous-7'])
      assert.ok(!blocked('userId', value), value);
    assert.ok(!blocked('email', 'null.island@example.org'));
  });

  it('read patterns as globs, in time that a hostile one cannot stretch', () => {
    assert.ok(matchesGlob('noreply@a.b', 'noreply@*'));
    assert.ok(matchesGlob('abc', '*'));
    assert.ok(matchesGlob('axxbyyc', 'a*b*c'));
    assert.ok(!matchesGlob('axxbyy', 'a*b*c'));
    assert.ok(!matchesGlob('.*', 'a'));
    assert.ok(!matchesGlob('a'.repeat(2_000), `${'a*'.repeat(500)}b`));
  });

  it('order types by priority, those of a tenant last', () => {
    assert.equal(rank('userId', DEFAULT_IDENTITY_RULES), 0);
    assert.ok(rank('email', DEFAULT_IDENTITY_RULES) > rank('deviceId', DEFAULT_IDENTITY_RULES));
    assert.ok(rank('shoeSize', DEFAULT_IDENTITY_RULES) > rank('phone', DEFAULT_IDENTITY_RULES));
  });

  it('limit types by name, and others alike; a name from Object is no limit', () => {
    assert.equal(limitOf('userId', DEFAULT_IDENTITY_RULES), 1);
    assert.equal(limitOf('email', DEFAULT_IDENTITY_RULES), 5);
    assert.equal(limitOf('crmId', DEFAULT_IDENTITY_RULES), 10);
    assert.equal(limitOf('constructor', DEFAULT_IDENTITY_RULES), 10);
  });
});
