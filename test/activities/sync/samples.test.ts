import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { VENDOR_APIS } from '../../../activities/sync/vendors.ts';
import { DEFAULT_IDENTITY_RULES } from '../../../domain/identity/rules.ts';
import type { JsonObject } from '../../../domain/json.ts';
import { BUILT_IN_MAPPINGS } from '../../../domain/mapping/built-in.ts';
import { compileMapping, mapItem } from '../../../domain/mapping/map-item.ts';
import type { SyncVendor } from '../../../domain/sync/types.ts';
import { SYNC_VENDORS } from '../../../domain/sync/vendors.ts';

/** The events of a page of a vendor's API, one a line; and what of each record is read to take it in. */
async function pageOf(
  vendor: SyncVendor,
  file: string,
  { list, object, stream }: { list: string; object: string; stream: string },
): Promise<string[]> {
  const path = new URL(`../../../docs/samples/${vendor}-api/${file}`, import.meta.url);
  const page = JSON.parse(await readFile(path, 'utf8')) as Record<string, JsonObject[]>;
  const definition = BUILT_IN_MAPPINGS.find(({ name }) => name === SYNC_VENDORS[vendor].mapping);
  assert.ok(definition);
  const mapping = compileMapping(definition);
  return (page[list] ?? []).flatMap((record) => {
    const facts = VENDOR_APIS[vendor].facts(record, stream);
    assert.ok('id' in facts, JSON.stringify(facts));
    const item = { body: { object, record }, receivedAt: '2026-11-23T12:00:00.000Z' };
    const context = { source: 's', rules: DEFAULT_IDENTITY_RULES, fallbackMessageId: 'none' };
    const mapped = mapItem(mapping, item, context);
    assert.ok(mapped.ok, JSON.stringify(mapped));
    return mapped.events.map(
      ({ event, messageId, timestamp, identifiers }) =>
        `${timestamp} ${event} [${identifiers.map(({ type, value }) => `${type}:${value}`).join(' ')}] ${messageId}`,
    );
  });
}

describe("samples of vendors' APIs", () => {
  it('of Salesforce are contacts, and their deletion', async () => {
    const where = { list: 'records', object: 'Contact', stream: 'Contact' };
    assert.deepEqual(await pageOf('salesforce', 'query.json', where), [
      '2024-03-05T09:30:00.000Z Identify [crmId:003RM000006EJ1aYAG email:rose@example.com] ' +
        'salesforce-003RM000006EJ1aYAG-2024-03-05T09:30:00.000+0000',
      '2024-03-05T09:31:00.000Z Contact Deleted [crmId:003RM000006EJ1bYAG] ' +
        'salesforce-003RM000006EJ1bYAG-2024-03-05T09:31:00.000+0000',
    ]);
  });

  it('of HubSpot are contacts, and their archiving', async () => {
    const live = { list: 'results', object: 'contacts', stream: 'contacts' };
    assert.deepEqual(await pageOf('hubspot', 'search.json', live), [
      '2024-03-05T09:30:00.000Z Identify [crmId:512 email:jane.doe@example.com] hubspot-contacts-512-2024-03-05T09:30:00.000Z',
    ]);
    assert.deepEqual(await pageOf('hubspot', 'archived.json', { ...live, stream: 'contacts-archived' }), [
      '2024-03-05T09:31:00.000Z Contact Deleted [crmId:513] hubspot-contacts-513-archived-2024-03-05T09:31:00.000Z',
    ]);
  });
});
