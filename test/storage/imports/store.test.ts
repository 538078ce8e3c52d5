import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ImportManifest, ImportRequest } from '../../../domain/ingestion/imports.ts';
import type { ImportStore } from '../../../storage/imports/types.ts';
import { createImportStore } from '../../../storage/imports/store.ts';
import { openStorage } from '../../../storage/open.ts';
import type { Storage } from '../../../storage/ports.ts';
import { createVault } from '../../../storage/vault/vault.ts';

const REQUEST: ImportRequest = {
  importId: 'i-1',
  source: 'pos',
  mapping: 'cdnow-receipts',
  path: '/home/jane/receipts.csv',
  format: 'csv',
  dryRun: false,
  requestedAt: '2026-01-01T00:00:00.000Z',
};

const MANIFEST: ImportManifest = {
  importId: 'i-1',
  source: 'pos',
  mapping: 'cdnow-receipts',
  dryRun: false,
  requestedAt: REQUEST.requestedAt,
  fileDigest: 'digest',
  status: 'done',
  bytes: 10,
  bytesTotal: 10,
  rows: 2,
  stored: 1,
  duplicates: 0,
  quarantined: 1,
  errors: [{ row: 2, code: 'missing-field', detail: 'date: required' }],
};

describe('the store of imports', () => {
  let dir: string;
  let storage: Storage;
  let imports: ImportStore;
  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'tessera-imports-'));
    storage = await openStorage({ kind: 'embedded', dir });
    imports = createImportStore({ tenant: 'demo', storage, vault: createVault({ tenant: 'demo', storage }) });
  });
  after(async () => {
    await storage.close();
    await rm(dir, { recursive: true, force: true });
  });

  it('keeps the first request of an id, sealed', async () => {
    await imports.putRequest(REQUEST);
    await imports.putRequest({ ...REQUEST, path: '/other' });
    assert.deepEqual(await imports.request('i-1'), REQUEST);
    assert.equal(await imports.request('i-2'), undefined);
    for await (const item of storage.intake.scan('imports/')) {
      assert.doesNotMatch(Buffer.from(item.value).toString('latin1'), /jane/);
    }
  });

  it('keeps the last manifest of an id', async () => {
    await imports.putManifest({ ...MANIFEST, status: 'failed' });
    await imports.putManifest(MANIFEST);
    assert.deepEqual(await imports.manifest('i-1'), MANIFEST);
    assert.equal(await imports.manifest('i-2'), undefined);
  });

  it('answers outcomes in the order asked, undefined for what is pending', async () => {
    const outcome = { stored: 1, duplicates: 0, quarantined: 1, errors: MANIFEST.errors };
    await imports.putOutcome('digest', 'b2', outcome);
    await imports.putOutcome('digest', 'b2', outcome);
    assert.deepEqual(await imports.outcomes('digest', ['b1', 'b2']), [undefined, outcome]);
    assert.deepEqual(await imports.outcomes('another', ['b2']), [undefined]);
  });
});
