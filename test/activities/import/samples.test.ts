import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { createImportActivities } from '../../../activities/import/index.ts';
import { formatOfName } from '../../../domain/ingestion/imports.ts';
import { VENDORS } from '../../../domain/ingestion/vendors.ts';
import { BUILT_IN_MAPPINGS } from '../../../domain/mapping/built-in.ts';
import { openFiles } from '../../../storage/files/open.ts';
import type { RowSample } from '../../../storage/imports/types.ts';
import type { TenantStore } from '../../../storage/tenant.types.ts';
import { storageSets, type TestStorage } from '../../support/storage-sets.ts';
import { runActivity, SOURCE, TENANT, tenantOn } from '../tenant.ts';

const ROOT = new URL('../../../', import.meta.url);

/** Of each file: its mapping, and the event and strongest identifier that the first row comes to. */
const FILES: Readonly<Record<string, readonly [mapping: string, event: string, identifier: string]>> = {
  'docs/samples/receipts/receipts.csv': ['receipts', 'Order Completed', 'loyaltyId:04951'],
  'docs/samples/receipts/receipts.ndjson': ['receipts', 'Order Completed', 'loyaltyId:04951'],
  'docs/samples/refunds/refunds.csv': ['refunds', 'Order Refunded', 'orderId:R-1001'],
  'docs/samples/salesforce-contacts/contacts.csv': [
    'salesforce-contacts',
    'Identify',
    'crmId:0032400000AbCdEAAV',
  ],
  'docs/samples/salesforce-accounts/accounts.csv': [
    'salesforce-accounts',
    'Group',
    'accountId:0012400000XyZabAAF',
  ],
  'docs/samples/salesforce-opportunities/opportunities.csv': [
    'salesforce-opportunities',
    'Opportunity Updated',
    'crmId:0032400000AbCdEAAV',
  ],
  'docs/samples/hubspot-contacts/contacts.csv': ['hubspot-contacts', 'Identify', 'crmId:1246965'],
  'docs/samples/amazon-connect-export/contact-records.ndjson': [
    'amazon-connect',
    'Identify',
    'phone:+14155550123',
  ],
  'infra/local/demo/cdnow-sample.csv': ['cdnow-receipts', 'Order Completed', 'loyaltyId:00004'],
  'bench/data/febrl/febrl3.csv': ['febrl-person', 'Identify', 'crmId:rec-1496-org'],
};

describe('files of the built-in mappings', function () {
  this.timeout(60_000);
  let storage: TestStorage;
  let store: TenantStore;
  beforeEach(async () => {
    const [embedded] = storageSets;
    assert.ok(embedded);
    storage = await embedded.open();
    store = await tenantOn(storage);
  });
  afterEach(() => storage.close());

  /** What a dry run shows of a file. */
  async function rehearse(file: string, mapping: string): Promise<readonly RowSample[]> {
    const path = fileURLToPath(new URL(file, ROOT));
    const format = formatOfName(file);
    assert.ok(format);
    const imports = createImportActivities({
      store,
      files: openFiles({ region: 'us-east-1' }),
      wake: () => Promise.reject(new Error('a dry run wakes nobody')),
    });
    const requestedAt = '2026-03-01T00:00:00.000Z';
    const input = { tenant: TENANT, source: SOURCE, importId: 'i1' };
    await store.imports.putRequest({ ...input, mapping, path, format, dryRun: true, requestedAt });
    const plan = await runActivity(() => imports.prepareImport(input));
    await runActivity(() => imports.readSlice({ ...input, plan, position: plan.start, sliceMs: 60_000 }));
    return store.imports.samples('i1');
  }

  for (const [file, [mapping, event, identifier]] of Object.entries(FILES))
    it(`become events by ${mapping}, ${file}`, async () => {
      const samples = await rehearse(file, mapping);
      assert.ok(samples.length > 0);
      for (const { row, refused } of samples) assert.equal(refused, undefined, `row ${row}`);
      const [first] = samples[0]?.events ?? [];
      assert.deepEqual([first?.event, first?.identifiers[0]], [event, identifier]);
    });

  it('are all here', async () => {
    const ofWebhooks = new Set<string>(Object.values(VENDORS).map((vendor) => vendor.mapping));
    const mapped = new Set(Object.values(FILES).map(([mapping]) => mapping));
    const forgotten = BUILT_IN_MAPPINGS.filter(
      ({ name, kind }) => kind !== 'segment' && !ofWebhooks.has(name) && !mapped.has(name),
    );
    assert.deepEqual(forgotten, []);
    const samples = new URL('docs/samples/', ROOT);
    for (const folder of await readdir(samples)) {
      if (Object.hasOwn(VENDORS, folder) || folder.endsWith('-api')) continue;
      for (const name of await readdir(new URL(`${folder}/`, samples)))
        assert.ok(FILES[`docs/samples/${folder}/${name}`], `${folder}/${name} is not tried`);
    }
  });
});
