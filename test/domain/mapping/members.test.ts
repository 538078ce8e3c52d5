import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { DEFAULT_IDENTITY_RULES } from '../../../domain/identity/rules.ts';
import type { CanonicalEvent } from '../../../domain/ingestion/event.ts';
import type { JsonObject } from '../../../domain/json.ts';
import { BUILT_IN_MAPPINGS } from '../../../domain/mapping/built-in.ts';
import { compileMapping, mapItem } from '../../../domain/mapping/map-item.ts';
import type { MappingDefinition, MemberMapping } from '../../../domain/mapping/types.ts';

function made(definition: MappingDefinition, body: JsonObject): CanonicalEvent {
  const mapped = mapItem(
    compileMapping(definition),
    { body, receivedAt: '2026-03-01T00:00:00.000Z' },
    { source: 'crm', rules: DEFAULT_IDENTITY_RULES, fallbackMessageId: 'm' },
  );
  assert.ok(mapped.ok, JSON.stringify(mapped));
  const [event] = mapped.events;
  assert.ok(event);
  return event;
}
const builtIn = (name: string): MappingDefinition => {
  const found = BUILT_IN_MAPPINGS.find((mapping) => mapping.name === name);
  assert.ok(found);
  return found;
};
const taking = (members: MemberMapping): MappingDefinition => ({
  ...{ name: 'own', version: 1, description: '', kind: 'record' },
  record: {
    type: 'identify',
    identifiers: { crmId: { path: '$.id' } },
    traits: { city__c: { path: '$.town' } },
    members: [members],
  },
});

describe('members of a record', () => {
  it('are taken by patterns of their names, as texts, numbers and booleans alone, after all that is named', () => {
    const fields = {
      A__c: 'a',
      B__c: 0,
      C__c: false,
      D__c: null,
      E__c: ' ',
      F__c: { x: 1 },
      G__c: ['x'],
      h: 'h',
    };
    const body = { id: '1', town: 'Bern', fields: { ...fields, city__c: 'Basel', X__c: 'no' } };
    const { traits } = made(
      taking({ into: 'traits', of: '$.fields', matches: ['*__c'], except: ['X*'] }),
      body,
    );
    assert.deepEqual(traits, { city__c: 'Bern', A__c: 'a', B__c: 0, C__c: false });
  });

  it('never reach the prototype, and are nothing where there is no object', () => {
    const definition = taking({ into: 'traits', of: '$.fields', matches: ['*'] });
    const { traits } = made(definition, { id: '1', fields: { constructor: 'y', toString: 'z' } });
    assert.deepEqual(Object.entries(traits), [
      ['constructor', 'y'],
      ['toString', 'z'],
    ]);
    for (const none of [null, 'text', ['a']])
      assert.deepEqual(made(definition, { id: '1', fields: none }).traits, {});
  });
});

describe('fields of a customer’s own', () => {
  it('of Salesforce become traits of contacts and properties of accounts, under their API names', () => {
    const record = { Id: '003', SystemModstamp: '2026-02-01T00:00:00.000Z', LastName: 'Doe', Unknown: 'x' };
    const own = { Tier__c: 'gold', Score__c: 7.5, Related__r: { Name: 'x' } };
    const contact = made(builtIn('salesforce'), { object: 'Contact', record: { ...record, ...own } });
    assert.deepEqual(contact.traits, { lastName: 'Doe', Tier__c: 'gold', Score__c: 7.5 });
    const account = made(builtIn('salesforce'), { object: 'Account', record: { ...record, ...own } });
    assert.equal(account.properties['Tier__c'], 'gold');
    const row = made(builtIn('salesforce-contacts'), { Id: '003', Tier__c: 'gold', Blank__c: '' });
    assert.deepEqual(row.traits, { Tier__c: 'gold' });
  });

  it('of HubSpot become traits under their internal names, and its own bookkeeping does not', () => {
    const properties = {
      ...{ email: 'jane@example.com', firstname: 'Jane', lastmodifieddate: '2026-02-01T00:00:00.000Z' },
      ...{ hs_object_id: '7', createdate: '2026-01-01T00:00:00.000Z', favourite_music: 'Folk' },
    };
    const { traits } = made(builtIn('hubspot'), { object: 'contacts', record: { id: '7', properties } });
    assert.deepEqual(traits, { firstName: 'Jane', email: 'jane@example.com', favourite_music: 'Folk' });
  });

  it('of HubSpot become properties of companies and deals, beside those that have a name', () => {
    const bookkeeping = { hs_lastmodifieddate: '2026-02-01T00:00:00.000Z', hs_object_id: '7' };
    const company = made(builtIn('hubspot'), {
      object: 'companies',
      record: { id: '7', properties: { ...bookkeeping, name: 'Acme', domain: 'acme.example', tier: 'gold' } },
    });
    assert.deepEqual(company.properties, {
      ...{ groupId: 'hubspot-7', name: 'Acme', website: 'acme.example', tier: 'gold' },
    });
    const deal = made(builtIn('hubspot'), {
      object: 'deals',
      record: {
        id: '8',
        properties: { ...bookkeeping, dealname: 'Renewal', hs_is_closed: 'false', renewal_month: '7' },
        associations: { contacts: { results: [{ id: '9' }] } },
      },
    });
    assert.deepEqual(deal.properties, {
      ...{ opportunity_id: '8', name: 'Renewal', closed: false, renewal_month: '7' },
    });
  });
});
