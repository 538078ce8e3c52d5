import assert from 'node:assert/strict';
import { emptyFolderProgress } from '../../../domain/ingestion/folders.ts';
import type { ImportManifest } from '../../../domain/ingestion/imports.ts';
import { startGateway, type Running } from './support.ts';

describe('imports in the API', () => {
  let gateway: Running;
  beforeEach(async () => {
    gateway = await startGateway();
  });
  afterEach(() => gateway.stop());
  const post = (path: string, body: unknown) => gateway.api(path, { method: 'POST', body });
  const items = async (path: string): Promise<Record<string, unknown>[]> =>
    (await gateway.api(path)).body['items'] as Record<string, unknown>[];

  it('are listed newest first, page by page, by source and by how they ended', async () => {
    const ids: string[] = [];
    for (const [source, path] of [
      ['pos', '/a.csv'],
      ['crm', '/b.ndjson.gz'],
      ['pos', 's3://bucket/c.parquet'],
    ]) {
      const { status, body } = await post('/v1/imports', { source, path });
      assert.equal(status, 202);
      ids.unshift(String(body['importId']));
    }
    const asked = await gateway.store.imports.request(ids[2] ?? '');
    assert.ok(asked);
    const manifest: ImportManifest = {
      ...{ importId: asked.importId, source: 'pos', status: 'done', bytes: 1, bytesTotal: 1 },
      ...{ rows: 3, stored: 2, duplicates: 0, quarantined: 1, mapping: asked.mapping, dryRun: false },
      ...{ requestedAt: asked.requestedAt, fileDigest: 'd', errors: [], reasons: { 'column-count': 1 } },
    };
    await gateway.store.imports.putManifest(manifest);
    const formats = (await items('/v1/imports')).map(({ importId, format, status }) => [
      importId,
      format,
      status,
    ]);
    assert.deepEqual(new Set(formats.map(([id]) => id)), new Set(ids));
    assert.deepEqual(new Set(formats.map(([, format]) => format)), new Set(['csv', 'ndjson', 'parquet']));
    assert.deepEqual(
      (await items('/v1/imports?status=done')).map(({ importId, rows }) => [importId, rows]),
      [[ids[2], 3]],
    );
    assert.equal((await items('/v1/imports?source=pos')).length, 2);
    const first = await gateway.api('/v1/imports?source=pos&limit=1');
    const rest = await items(`/v1/imports?source=pos&limit=5&cursor=${String(first.body['cursor'])}`);
    assert.equal(rest.length, 1);
    assert.notEqual(
      rest[0]?.['importId'],
      (first.body['items'] as Record<string, unknown>[])[0]?.['importId'],
    );
    const kept = await gateway.api(`/v1/imports/${ids[2] ?? ''}/manifest`);
    assert.deepEqual(kept.body['reasons'], { 'column-count': 1 });
  });

  it('have failed where their run was terminated, and ended as their manifest says where there is one', async () => {
    const { body } = await post('/v1/imports', { source: 'pos', path: '/a.csv' });
    const [importId, workflowId] = [String(body['importId']), String(body['workflowId'])];
    const ended = async () => {
      const { status, error } = (await gateway.api(`/v1/imports/${importId}`)).body;
      const [listed] = await items('/v1/imports');
      return [status, error, listed?.['status'], listed?.['error']];
    };
    assert.deepEqual(await ended(), ['reading', undefined, 'running', undefined]);
    gateway.runs.over.add(workflowId);
    const stopped = 'the import was stopped';
    assert.deepEqual(await ended(), ['failed', stopped, 'failed', stopped]);
    assert.equal((await items('/v1/imports?status=running')).length, 0);
    const asked = await gateway.store.imports.request(importId);
    assert.ok(asked);
    await gateway.store.imports.putManifest({
      ...{ importId, source: 'pos', status: 'done', bytes: 1, bytesTotal: 1, rows: 1, stored: 1 },
      ...{ duplicates: 0, quarantined: 0, mapping: asked.mapping, dryRun: false },
      ...{ requestedAt: asked.requestedAt, fileDigest: 'd', errors: [] },
    });
    assert.deepEqual(await ended(), ['done', undefined, 'done', undefined]);
  });

  it('of folders have failed where their run was terminated', async () => {
    const { body } = await post('/v1/folder-imports', { source: 'pos', folder: '/srv/drop' });
    const [folderId, workflowId] = [String(body['folderId']), String(body['workflowId'])];
    const progress = emptyFolderProgress(folderId, 'pos');
    gateway.runs.answers.set(workflowId, { ...progress, status: 'importing' });
    const status = async () => [
      (await gateway.api(`/v1/folder-imports/${folderId}`)).body['status'],
      (await items('/v1/folder-imports'))[0]?.['status'],
    ];
    assert.deepEqual(await status(), ['importing', 'listing']);
    gateway.runs.over.add(workflowId);
    assert.deepEqual(await status(), ['failed', 'failed']);
  });

  it('say what to change where a place can not be', async () => {
    for (const [path, body, status] of [
      ['/v1/imports', { source: 'pos', path: 'here.csv' }, 400],
      ['/v1/imports', { source: 'pos', path: 's3://Bucket_/a.csv' }, 400],
      ['/v1/imports', { source: 'pos', path: 's3://bucket/prefix/' }, 422],
      ['/v1/imports', { source: 'pos', path: '/a.csv', mapping: 'none' }, 422],
      ['/v1/folder-imports', { source: 'none', folder: '/a' }, 404],
      ['/v1/folder-imports', { source: 'pos', folder: '/a', settle: 'soon' }, 422],
    ] as const)
      assert.equal((await post(path, body)).status, status, JSON.stringify(body));
    assert.equal((await gateway.api('/v1/folder-imports/none')).status, 404);
  });

  it('of folders start a run, and are shown with their files once they are over', async () => {
    const { status, body } = await post('/v1/folder-imports', {
      source: 'pos',
      folder: 's3://bucket',
      pattern: '*.csv',
    });
    assert.equal(status, 202);
    const folderId = String(body['folderId']);
    assert.deepEqual(gateway.runs.started.at(-1), {
      workflow: 'importFolder',
      workflowId: `import-folder/demo/pos/${folderId}`,
    });
    assert.equal((await gateway.api(`/v1/folder-imports/${folderId}`)).body['status'], 'listing');
    const { folders } = gateway.store.imports;
    await folders.putDone(folderId, 0, [{ path: 's3://bucket/a.csv', outcome: 'failed', error: 'empty' }]);
    await folders.putSummary({
      ...{
        folderId,
        source: 'pos',
        status: 'done',
        files: 1,
        rows: 0,
        stored: 0,
        duplicates: 0,
        quarantined: 0,
      },
      outcomes: { imported: 0, unchanged: 0, unsettled: 0, failed: 1 },
    });
    assert.equal((await gateway.api(`/v1/folder-imports/${folderId}`)).body['status'], 'done');
    assert.deepEqual(await items(`/v1/folder-imports/${folderId}/files`), [
      { path: 's3://bucket/a.csv', outcome: 'failed', error: 'empty' },
    ]);
    assert.deepEqual(
      (await items('/v1/folder-imports')).map((one) => [one['folderId'], one['folder']]),
      [[folderId, 's3://bucket']],
    );
  });

  it('of a drop folder are a kind of schedule, of settled files unless it is said otherwise', async () => {
    const put = (action: object) =>
      gateway.api('/v1/schedules/pos/drop', { method: 'PUT', body: { action, every: 'PT5M' } });
    const { status, body } = await put({ kind: 'import', folder: '/srv/drop', pattern: '*.csv' });
    assert.equal(status, 200);
    assert.deepEqual(body['action'], {
      kind: 'import',
      folder: '/srv/drop',
      pattern: '*.csv',
      settle: 'PT1M',
    });
    assert.equal((await put({ kind: 'import', folder: 'drop' })).status, 400);
    assert.equal((await put({ kind: 'import', folder: '/srv/drop', mapping: 'none' })).status, 422);
    assert.equal((await put({ kind: 'import', folder: '/srv/drop', settle: 'soon' })).status, 422);
  });
});
