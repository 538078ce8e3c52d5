import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { faultsOf } from '../../domain/issues.ts';
import { mappingDefinitionSchema } from '../../domain/mapping/schema.ts';

/** What is said of a mapping whose one property comes from this. */
function saidOf(revenue: unknown): string[] {
  const parsed = mappingDefinitionSchema.safeParse({
    ...{ name: 'till', version: 1, description: '', kind: 'record' },
    record: { type: 'track', identifiers: { email: { path: 'mail' } }, properties: { revenue } },
  });
  return parsed.success
    ? []
    : faultsOf(parsed.error.issues).map(({ path, message }) => `${path.map(String).join('.')}: ${message}`);
}

describe('what is said of a value that may have several forms', () => {
  for (const [what, revenue, said] of [
    ['a conversion that does not exist', { path: 'paid', as: 'dezimal' }, /revenue\.as: .*"decimal"/],
    ['a name with a slip', { path: 'paid', az: 'decimal' }, /revenue: .*"az"/],
    ['a value within a value', { first: [{ path: 'a' }, { path: 7 }] }, /revenue\.first\.1\.path: .*string/],
    ['a form that nobody can tell', { from: 'paid', to: 'x' }, /revenue: expected \{path, \.\.\.\}/],
    ['no form at all', 'paid', /revenue: expected \{path, \.\.\.\}/],
  ] as const)
    it(`names ${what}`, () => {
      const all = saidOf(revenue);
      assert.equal(all.length, 1, all.join('\n'));
      assert.match(all[0] ?? '', said);
    });

  it('is nothing where one of them fits', () => {
    assert.deepEqual(saidOf({ path: 'paid', as: 'decimal' }), []);
  });
});
