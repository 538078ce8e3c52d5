import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { BUILT_IN_MAPPINGS } from '../../../domain/mapping/built-in.ts';
import { identifyingMembers } from '../../../domain/mapping/identifying.ts';
import type { MappingDefinition } from '../../../domain/mapping/types.ts';

const mapping = (parts: Partial<MappingDefinition>): MappingDefinition => ({
  ...{ name: 'shop', version: 1, description: '', kind: 'record' },
  ...parts,
});

describe('members that a mapping identifies by', () => {
  it('are the columns of its identifiers, in its order', () => {
    const record = {
      type: 'track' as const,
      identifiers: {
        loyaltyId: { path: 'customer.id' },
        email: { first: [{ path: 'email' }, { path: "$.contact['e mail']" }] },
        phone: { when: { path: 'x', exists: true }, then: { path: '$.phones[0]' }, else: { const: '1' } },
      },
    };
    assert.deepEqual(identifyingMembers(mapping({ record })), ['customer.id', 'email', 'e mail', 'phones']);
  });

  it('are those of all its rules, each once', () => {
    const rule = (path: string) => ({ name: path, type: 'track' as const, identifiers: { crmId: { path } } });
    const rules = [rule('$.Id'), rule('$root.Contact.Id'), rule('$.WhoId')];
    assert.deepEqual(identifyingMembers(mapping({ kind: 'rules', rules })), ['Id', 'WhoId']);
  });

  it('are those of the Segment spec where the mapping is its own', () => {
    assert.equal(identifyingMembers(mapping({ kind: 'segment' }))[0], 'userId');
  });

  it('are there for every built-in mapping', () => {
    for (const definition of BUILT_IN_MAPPINGS)
      assert.ok(identifyingMembers(definition).length > 0, definition.name);
  });
});
