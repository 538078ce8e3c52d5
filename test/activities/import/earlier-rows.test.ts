import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { appendFile, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CHUNK_ROWS } from '../../../activities/import/chunk.ts';
import { createImportActivities, type ImportActivities } from '../../../activities/import/index.ts';
import type { ImportPlan, ImportPosition } from '../../../activities/import/types.ts';
import { createFolderActivities } from '../../../activities/import-folder/index.ts';
import { emptyFolderProgress, type FolderProgress } from '../../../domain/ingestion/folders.ts';
import { openFiles } from '../../../storage/files/open.ts';
import type { TenantStore } from '../../../storage/tenant.types.ts';
import type { Storage } from '../../../storage/ports.ts';
import { storageSets, type TestStorage } from '../../support/storage-sets.ts';
import { dying, type Moment } from '../dying.ts';
import { pumpAll, runActivity, SOURCE, TENANT, tenantOn } from '../tenant.ts';

const HEADER = 'customer_id,date,quantity,amount\n';
const rows = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, i) => `c${(from + i) % 7},1997-01-01,1,${from + i}.50\n`).join('');

/** What the activities of one process are, over a storage as it sees it. */
async function processOn(storage: Storage, lanes: number) {
  const store = await tenantOn(storage, 0, lanes);
  const files = openFiles({ region: 'us-east-1' });
  const imports = createImportActivities({ store, files, wake: () => Promise.resolve() });
  return { store, imports, folders: createFolderActivities({ store, files }) };
}

for (const lanes of [1, 3])
  describe(`an import of a folder into ${lanes === 1 ? 'one lane' : `${lanes} lanes`}`, function () {
    /** Rows of a whole chunk. */
    const CHUNK = CHUNK_ROWS * lanes;
    this.timeout(120_000);
    let storage: TestStorage;
    let store: TenantStore;
    let imports: ImportActivities;
    let folder: string;

    beforeEach(async () => {
      const [embedded] = storageSets;
      assert.ok(embedded);
      storage = await embedded.open();
      ({ store, imports } = await processOn(storage, lanes));
      folder = await mkdtemp(join(tmpdir(), 'tessera-folder-'));
    });
    afterEach(async () => {
      await storage.close();
      await rm(folder, { recursive: true, force: true });
    });

    async function ask(more: { readonly settleMs?: number; readonly retryMalformed?: boolean } = {}) {
      const folderId = randomUUID();
      await store.imports.folders.putRequest({
        ...{ folderId, source: SOURCE, folder, mapping: 'cdnow-receipts', settleMs: 0, retryMalformed: true },
        ...more,
        dryRun: false,
        requestedAt: new Date().toISOString(),
      });
      return { tenant: TENANT, source: SOURCE, folderId };
    }

    type Plan = { plan: ImportPlan; position: ImportPosition };

    /** One file, as its workflow does it; `between` happens once the file is looked over. */
    async function importOne(importId: string, between?: () => Promise<unknown>): Promise<void> {
      const input = { tenant: TENANT, source: SOURCE, importId };
      let at: Plan | undefined;
      let failure: Error | undefined;
      try {
        const plan = await runActivity(() => imports.prepareImport(input));
        at = { plan, position: plan.start };
        while (!at.position.done) {
          const { position }: Plan = at;
          const next: ImportPosition = await runActivity(() =>
            imports.readSlice({ ...input, plan, position, sliceMs: 0 }),
          );
          at = { plan, position: next };
          await between?.();
        }
      } catch (error) {
        failure = error as Error & { details?: ImportPosition[] };
        const [position] = (failure as { details?: ImportPosition[] }).details ?? [];
        if (at !== undefined && position !== undefined) at = { ...at, position };
      }
      for (const lane of [0, 1, 2, 3]) await pumpAll(store, { lane });
      const known = at;
      const drain =
        known === undefined
          ? undefined
          : await runActivity(() => imports.drainSlice({ ...input, ...known, sliceMs: 5_000 }));
      const progress = {
        importId,
        source: SOURCE,
        status: failure === undefined ? ('done' as const) : ('failed' as const),
        ...{ bytes: 0, bytesTotal: 0, rows: at?.position.row ?? 0 },
        ...(drain?.counts ?? { stored: 0, duplicates: 0, quarantined: 0 }),
        ...(failure === undefined
          ? {}
          : { error: failure.message, errorType: String((failure as { type?: string }).type) }),
      };
      const drained = drain?.drained === undefined ? {} : { drained: drain.drained };
      await runActivity(() => imports.finishImport({ ...input, ...known, ...drained, progress }));
    }

    async function importAll(
      more: Parameters<typeof ask>[0] = {},
      between?: () => Promise<unknown>,
    ): Promise<FolderProgress> {
      const input = await ask(more);
      const { folders } = await processOn(storage, lanes);
      const { pages } = await runActivity(() => folders.listFolder(input));
      let progress = emptyFolderProgress(input.folderId, SOURCE);
      for (let page = 0; page < pages; page += 1) {
        for (const id of await runActivity(() => folders.planFolderPage({ ...input, page })))
          await importOne(id, between);
        const before = progress;
        progress = await runActivity(() => folders.finishFolderPage({ ...input, page, progress: before }));
      }
      return progress;
    }

    const stored = async (): Promise<number> => (await store.batches.counts()).events;

    it('reads a file that has not changed once', async () => {
      await writeFile(join(folder, 'a.csv'), HEADER + rows(0, 5));
      assert.equal((await importAll()).outcomes.imported, 1);
      const again = await importAll();
      assert.deepEqual([again.outcomes.unchanged, again.rows], [1, 0]);
    });

    it('takes in rows that are added, time after time, whatever the last line ended in', async () => {
      const path = join(folder, 'a.csv');
      await writeFile(path, (HEADER + rows(0, CHUNK + 3)).trimEnd());
      await importAll();
      await appendFile(path, `\n${rows(CHUNK + 3, CHUNK + 10)}`);
      assert.deepEqual(((one) => [one.stored, one.duplicates])(await importAll()), [7, CHUNK + 3]);
      await appendFile(path, rows(CHUNK + 10, 3 * CHUNK));
      assert.equal((await importAll()).rows, 3 * CHUNK);
      assert.equal(await stored(), 3 * CHUNK);
    });

    it('takes up a file that changed while it was read, and takes in no row twice', async () => {
      const path = join(folder, 'a.csv');
      await writeFile(path, HEADER + rows(0, 2 * CHUNK));
      let changes = 0;
      const failed = await importAll({}, async () => {
        if (changes === 0) await appendFile(path, rows(2 * CHUNK, 2 * CHUNK + 4));
        changes += 1;
      });
      assert.equal(failed.outcomes.failed, 1);
      assert.ok(failed.stored > 0, 'nothing had been taken in when it changed');
      const then = await importAll();
      assert.deepEqual([then.outcomes.imported, then.rows], [1, 2 * CHUNK + 4]);
      assert.equal(await stored(), 2 * CHUNK + 4);
    });

    if (lanes === 1)
      it('knows the rows of a file by a note that says the one lane they all went to', async () => {
        const path = join(folder, 'a.csv');
        await writeFile(path, HEADER + rows(0, 5));
        await importAll();
        const { files } = store.imports;
        const note = await files.get(SOURCE, path);
        assert.ok(note);
        const takes = note.takes.map(({ importId, requestedAt, digest, fromRow }) => ({
          ...{ importId, requestedAt, digest, fromRow },
          lane: 0,
        }));
        await files.put(SOURCE, { ...note, takes });
        await appendFile(path, rows(5, 9));
        assert.equal((await importAll()).stored, 4);
        assert.equal(await stored(), 9);
      });

    it('takes a file of other rows at the same place for another file', async () => {
      const path = join(folder, 'a.csv');
      await writeFile(path, HEADER + rows(0, 5));
      await importAll();
      await writeFile(path, HEADER + rows(10, 16));
      assert.equal((await importAll()).stored, 6);
    });

    it('leaves a file alone that was just touched, and one that is being written by its name', async () => {
      await writeFile(join(folder, 'a.csv'), HEADER + rows(0, 5));
      await writeFile(join(folder, 'b.csv.tmp'), HEADER + rows(0, 5));
      await writeFile(join(folder, '.c.csv'), HEADER + rows(0, 5));
      const { outcomes, stored: taken } = await importAll({ settleMs: 3_600_000 });
      assert.deepEqual([outcomes.unsettled, outcomes.imported, taken], [1, 0, 0]);
    });

    it('reads a malformed file again only where somebody asks for it', async () => {
      await writeFile(join(folder, 'a.csv'), 'a,b,a\n1,2,3\n');
      await writeFile(join(folder, 'b.csv'), HEADER + rows(0, 2));
      const first = await importAll({ retryMalformed: false });
      assert.deepEqual([first.outcomes.failed, first.outcomes.imported], [1, 1]);
      const before = (await store.imports.list()).items.length;
      assert.equal((await importAll({ retryMalformed: false })).outcomes.failed, 1);
      assert.equal((await store.imports.list()).items.length, before);
      await importAll({ retryMalformed: true });
      assert.equal((await store.imports.list()).items.length, before + 1);
    });

    it('comes to the same after a crash at any call to the store while a page is planned', async () => {
      await writeFile(join(folder, 'a.csv'), HEADER + rows(0, 3));
      await writeFile(join(folder, 'b.csv'), HEADER + rows(3, 6));
      assert.ok((await stat(folder)).isDirectory());
      const input = await ask();
      const plans: string[] = [];
      for (let n = 1, died = true; died; n += 1)
        for (const moment of ['before', 'after'] satisfies Moment[]) {
          const { storage: seen, kill } = dying(storage, n, moment);
          const dead = await processOn(seen, lanes);
          kill();
          died = await runActivity(() => dead.folders.listFolder(input))
            .then(() => runActivity(() => dead.folders.planFolderPage({ ...input, page: 0 })))
            .then(
              () => false,
              () => true,
            );
          const { folders } = await processOn(storage, lanes);
          await runActivity(() => folders.listFolder(input));
          plans.push((await runActivity(() => folders.planFolderPage({ ...input, page: 0 }))).join());
        }
      assert.ok(plans.length > 4);
      assert.equal(new Set(plans).size, 1);
      assert.equal((await store.imports.list()).items.length, 2);
    });
  });
