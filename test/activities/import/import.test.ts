import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { CHUNK_ROWS, chunkIds } from '../../../activities/import/chunk.ts';
import { createImportActivities, type ImportActivities } from '../../../activities/import/index.ts';
import type { DrainResult, ImportPlan, ImportPosition } from '../../../activities/import/types.ts';
import type { ImportManifest, ImportRequest } from '../../../domain/ingestion/imports.ts';
import { openFiles } from '../../../storage/files/open.ts';
import type { TenantStore } from '../../../storage/tenant.types.ts';
import { storageSets, type TestStorage } from '../../support/storage-sets.ts';
import { pumpAll, runActivity, SOURCE, TENANT, tenantOn } from '../tenant.ts';

const LANES = 3;
const RECEIPTS = 'cdnow-receipts';
const HEADER = 'customer_id,date,quantity,amount\n';

describe('import of a file', function () {
  this.timeout(60_000);
  let storage: TestStorage;
  let store: TenantStore;
  let folder: string;
  let imports: ImportActivities;
  let woken: number;

  beforeEach(async () => {
    const [embedded] = storageSets;
    assert.ok(embedded);
    storage = await embedded.open();
    store = await tenantOn(storage, 1_000, LANES);
    folder = await mkdtemp(join(tmpdir(), 'tessera-import-'));
    woken = 0;
    imports = createImportActivities({
      store,
      files: openFiles({ region: 'us-east-1' }),
      wake: () => {
        woken += 1;
        return Promise.resolve();
      },
    });
  });

  afterEach(async () => {
    await storage.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function file(content: string | Buffer): Promise<string> {
    const path = join(folder, randomUUID());
    await writeFile(path, content);
    return path;
  }

  async function ask(path: string, more: Partial<ImportRequest> = {}) {
    const importId = randomUUID();
    const requestedAt = new Date().toISOString();
    await store.imports.putRequest({
      importId,
      source: SOURCE,
      mapping: RECEIPTS,
      path,
      format: 'csv',
      dryRun: false,
      requestedAt,
      ...more,
    });
    return { tenant: TENANT, source: SOURCE, importId };
  }

  async function pumpLanes(): Promise<void> {
    for (let lane = 0; lane < LANES; lane += 1) await pumpAll(store, { lane });
  }

  /** The whole of an import, as the workflow does it, with `sliceMs` a slice. */
  async function importAll(
    path: string,
    more: Partial<ImportRequest> = {},
    sliceMs = 60_000,
  ): Promise<ImportManifest> {
    const input = await ask(path, more);
    const plan = await runActivity(() => imports.prepareImport(input));
    let position = plan.start;
    let slices = 0;
    while (!position.done) {
      const from: ImportPosition = position;
      position = await runActivity(() => imports.readSlice({ ...input, plan, position: from, sliceMs }));
      slices += 1;
    }
    if (sliceMs === 0) assert.ok(slices > 1, 'the file was read in one slice');
    await pumpLanes();
    const { done, counts, drained } = await runActivity(() =>
      imports.drainSlice({ ...input, plan, position, sliceMs: 1_000 }),
    );
    assert.ok(done);
    const progress = {
      importId: input.importId,
      source: SOURCE,
      status: 'done' as const,
      bytes: position.byte,
      bytesTotal: plan.bytesTotal,
      rows: position.row,
      ...counts,
    };
    assert.ok(drained);
    await runActivity(() => imports.finishImport({ ...input, plan, position, drained, progress }));
    const manifest = await store.imports.manifest(input.importId);
    assert.ok(manifest);
    return manifest;
  }

  const eventsOf = async (who: string) => (await store.profiles.read(who))?.state.events;

  it('takes in every row once, identical rows included, and nothing the second time', async () => {
    const path = await file(
      `${HEADER}00004,1997-01-01,2,29.33\n00004,1997-01-01,2,29.33\n00005,1997-01-02,1,5.00\n`,
    );
    const first = await importAll(path);
    assert.deepEqual([first.rows, first.stored, first.duplicates, first.quarantined], [3, 3, 0, 0]);
    const again = await importAll(path);
    assert.deepEqual([again.rows, again.stored, again.duplicates, again.quarantined], [3, 0, 3, 0]);
    assert.equal(await eventsOf('loyaltyId:00004'), 2);
    assert.equal(woken > 0, true);
  });

  it('resumes at any slice with the same rows under the same ids', async () => {
    const rows = Array.from(
      { length: LANES * CHUNK_ROWS * 3 + 5 },
      (_, i) => `c${i % 7},1997-01-01,1,${i}.50`,
    );
    const manifest = await importAll(await file(HEADER + rows.join('\n')), {}, 0);
    assert.deepEqual([manifest.rows, manifest.stored, manifest.quarantined], [rows.length, rows.length, 0]);
  });

  it('appends nothing twice when a slice is tried again', async () => {
    const rows = Array.from({ length: 10 }, (_, i) => `c${i},1997-01-01,1,1.00`);
    const input = await ask(await file(HEADER + rows.join('\n')));
    const plan: ImportPlan = await runActivity(() => imports.prepareImport(input));
    const slice = { ...input, plan, position: plan.start, sliceMs: 60_000 };
    await runActivity(() => imports.readSlice(slice));
    for (const { lane } of await store.batches.pendingLanes())
      for (const { spread } of await store.batches.pending(SOURCE, lane, 9))
        assert.deepEqual(spread, { lanes: LANES, since: plan.requestedAt });
    await pumpLanes();
    await runActivity(() => imports.readSlice(slice));
    await pumpLanes();
    const { received, stored, duplicates } = (await store.batches.counts()).sources[SOURCE] ?? {};
    assert.deepEqual({ received, stored, duplicates }, { received: 10, stored: 10, duplicates: 0 });
  });

  it('makes an error of a row that does not fit the header, and of that row alone', async () => {
    const path = await file(
      `${HEADER}1,1997-01-01,2,29.33\n2,1997-01-01,2,29.33,surplus\n3,1997-01-01\n4,1997-01-01,1,1\n`,
    );
    const manifest = await importAll(path);
    assert.deepEqual([manifest.stored, manifest.quarantined], [2, 2]);
    assert.deepEqual(
      manifest.errors.map(({ row, code }) => [row, code]),
      [
        [2, 'column-count'],
        [3, 'column-count'],
      ],
    );
    const held = await store.quarantine.list({ source: SOURCE });
    assert.deepEqual(held.items.map((entry) => entry.origin?.row).sort(), [2, 3]);
    assert.ok(!JSON.stringify(manifest).includes('surplus'));
  });

  for (const [what, content] of [
    ['semicolons and quotes', 'customer_id;date;quantity;amount\n"1";1997-01-01;2;"29.33"\n'],
    ['tabs and Windows line ends', 'customer_id\tdate\tquantity\tamount\r\n1\t1997-01-01\t2\t29.33\r\n'],
    ['a byte order mark', `\uFEFF${HEADER}1,1997-01-01,2,29.33\n`],
    ['stray spaces in the header', 'customer_id, date , quantity,amount \n1, 1997-01-01,2,29.33\n'],
    ['no newline at its end', `${HEADER}1,1997-01-01,2,29.33`],
    ['blank lines before the header', `\r\n \t\n${HEADER.replaceAll(',', ';')}1;1997-01-01;2;29.33\n`],
    ['blank lines', `${HEADER}\n1,1997-01-01,2,29.33\n\n`],
  ] as const) {
    it(`reads CSV with ${what}`, async () => {
      const manifest = await importAll(await file(content));
      assert.deepEqual([manifest.rows, manifest.stored, manifest.errors], [1, 1, []]);
      assert.equal(await eventsOf('loyaltyId:1'), 1);
    });
  }

  it('reads Latin-1 where a file is no UTF-8, and newlines within quotes', async () => {
    const text =
      'customer_id,date,quantity,amount,note\nJosé,1997-01-01,2,29.33,"two\nlines"\nb,1997-01-01,1,1,x\n';
    const manifest = await importAll(await file(Buffer.from(text, 'latin1')));
    assert.deepEqual([manifest.rows, manifest.stored], [2, 2]);
    assert.equal(await eventsOf('loyaltyId:José'), 1);
  });

  it('reads NDJSON, and makes an error of a line that is no JSON', async () => {
    const line = (i: number): string =>
      JSON.stringify({
        type: 'track',
        event: 'A',
        userId: `u${i}`,
        messageId: `m${i}`,
        timestamp: '2026-01-01T00:00:00Z',
      });
    const content = [line(1), '{"type":', '', line(2)].join('\n');
    const manifest = await importAll(await file(content), { format: 'ndjson', mapping: 'segment' });
    assert.deepEqual([manifest.rows, manifest.stored, manifest.quarantined], [3, 2, 1]);
    assert.deepEqual(
      manifest.errors.map(({ row, code }) => [row, code]),
      [[2, 'malformed-json']],
    );
  });

  it('keeps ids apart that are numbers beyond 2^53 in NDJSON', async () => {
    const receipt = (id: string): string =>
      `{"receipt_id":${id},"customer_id":${id},"date":"2026-01-01","amount":1,"currency":"EUR"}`;
    const ids = ['90071992547409931', '90071992547409934', '90071992547409936'];
    const path = await file(ids.map(receipt).join('\n'));
    const manifest = await importAll(path, { format: 'ndjson', mapping: 'receipts' });
    assert.deepEqual([manifest.stored, manifest.duplicates, manifest.errors], [3, 0, []]);
    for (const id of ids) assert.equal(await eventsOf(`loyaltyId:${id}`), 1);
  });

  it('counts the outcomes of many batches slice by slice, and lists no more rows than a manifest holds', async () => {
    const input = await ask(await file(`${HEADER}1,1997-01-01,2,29.33\n`));
    const plan = await runActivity(() => imports.prepareImport(input));
    const chunks = 1_250;
    const errors = Array.from({ length: 5 }, (_, i) => ({
      row: i + 1,
      code: 'invalid-record',
      detail: 'date',
    }));
    for (let chunk = 0; chunk < chunks; chunk += 1)
      for (const [lane, id] of chunkIds(input, plan, chunk).entries())
        await store.imports.putOutcome(
          plan.digest,
          id,
          lane === 1
            ? { stored: 994, duplicates: 1, quarantined: 5, errors, reasons: { 'invalid-record': 5 } }
            : { stored: 0, duplicates: 0, quarantined: 0, errors: [] },
        );
    const position = { ...plan.start, chunk: chunks, done: true };
    let result: DrainResult = { done: false, counts: { stored: 0, duplicates: 0, quarantined: 0 } };
    for (let slices = 0; !result.done; slices += 1) {
      const { drained } = result;
      const before = drained === undefined ? {} : { drained };
      result = await runActivity(() =>
        imports.drainSlice({ ...input, plan, position, sliceMs: 0, ...before }),
      );
      assert.ok(JSON.stringify(result).length < 10_000, 'what a history holds grows with the file');
      assert.ok(slices < chunks);
    }
    assert.deepEqual(result.counts, { stored: 994 * chunks, duplicates: chunks, quarantined: 5 * chunks });
    const progress = {
      ...{
        importId: input.importId,
        source: SOURCE,
        status: 'done' as const,
        bytes: 0,
        bytesTotal: 0,
        rows: 0,
      },
      ...result.counts,
    };
    assert.ok(result.drained);
    const { drained } = result;
    await runActivity(() => imports.finishImport({ ...input, plan, position, drained, progress }));
    const manifest = await store.imports.manifest(input.importId);
    assert.deepEqual(manifest?.reasons, { 'invalid-record': 5 * chunks });
    assert.equal(manifest.errors.length, 1_000);
  });

  it('rehearses without storing anything', async () => {
    const path = await file(`${HEADER}1,1997-01-01,2,29.33\n2,not a date,2,29.33\n3,1997-01-01\n`);
    const manifest = await importAll(path, { dryRun: true });
    assert.deepEqual([manifest.rows, manifest.stored, manifest.quarantined], [3, 1, 2]);
    const [taken, refused, short] = await store.imports.samples(manifest.importId);
    assert.deepEqual(
      taken?.events.map(({ event, timestamp, identifiers, properties }) => [
        ...[event, timestamp, identifiers],
        properties['revenue'],
      ]),
      [['Order Completed', '1997-01-01T00:00:00.000Z', ['loyaltyId:1'], 29.33]],
    );
    assert.deepEqual([refused?.row, refused?.events, short?.events], [2, [], []]);
    assert.match(refused?.refused?.detail ?? '', /date/);
    assert.equal((await store.batches.counts()).events, 0);
    assert.equal((await store.batches.counts()).sources[SOURCE]?.received ?? 0, 0);
  });

  it('fails clearly where a file changes between two slices', async () => {
    const path = await file(`${HEADER}1,1997-01-01,2,29.33\n`);
    const input = await ask(path);
    const plan = await runActivity(() => imports.prepareImport(input));
    await appendFile(path, '2,1997-01-01,2,29.33\n');
    await assert.rejects(
      runActivity(() => imports.readSlice({ ...input, plan, position: plan.start, sliceMs: 1_000 })),
      /changed while it was read/u,
    );
  });

  for (const [what, content] of [
    ['as Excel writes it', Buffer.from('\uFEFFa\tb\r\n1\t2\r\n', 'utf16le')],
    ['with the larger byte first', Buffer.from('\uFEFFa,b\n1,2\n', 'utf16le').swap16()],
    ['by gzip', gzipSync(Buffer.from('\uFEFFa,b\n1,2\n', 'utf16le'))],
  ] as const) {
    it(`refuses UTF-16 ${what} as a whole, and says how to make it UTF-8`, async () => {
      for (const format of ['csv', 'ndjson'] as const) {
        const input = await ask(await file(content), { format });
        await assert.rejects(
          runActivity(() => imports.prepareImport(input)),
          /the file is UTF-16; save it as UTF-8/u,
        );
      }
    });
  }

  for (const [what, content, message] of [
    ['an empty file', '', /no header/u],
    ['a header with a name twice', 'a,b,a\n1,2,3\n', /column 3/u],
  ] as const) {
    it(`refuses ${what} before taking anything in`, async () => {
      const input = await ask(await file(content));
      await assert.rejects(
        runActivity(() => imports.prepareImport(input)),
        message,
      );
    });
  }

  for (const [what, content, message] of [
    ['an object over several lines', '\n{\n  "a": 1\n}\n', /one JSON object.*jq -c \. /u],
    ['a list over several lines', '\uFEFF[\n{"a":1},\n{"a":2}\n]', /one JSON list.*jq -c '\.\[\]' /u],
    ['a list in one line', '[{"a":1},{"a":2}]', /one JSON list/u],
  ] as const) {
    it(`refuses JSON that is ${what}, and says how to make it one value a line`, async () => {
      const input = await ask(await file(content), { format: 'ndjson' });
      await assert.rejects(
        runActivity(() => imports.prepareImport(input)),
        message,
      );
    });
  }

  it('refuses a file that is not there, without naming it', async () => {
    const input = await ask(join(folder, 'jane@example.com.csv'));
    await assert.rejects(
      runActivity(() => imports.prepareImport(input)),
      (error: Error) => /no file/u.test(error.message) && !error.message.includes('example'),
    );
  });
});
