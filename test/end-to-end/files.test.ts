import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { EMULATOR_CREDENTIALS, EMULATOR_REGION } from '../support/aws-emulators.ts';
import { startPlatform, type Platform } from '../support/platform.ts';
import { eventually } from '../support/wait.ts';
import { emulatorEnvironment } from './emulators.ts';
import { storageOptions, STORAGE_SETS } from './sets.ts';

type Json = Record<string, unknown>;

const HEADER = 'customer_id,date,quantity,amount\n';
const BUCKET = 'drops';

/** Receipts of one customer. */
function receipts(customer: string, rows: number): string {
  return HEADER + Array.from({ length: rows }, (_, i) => `${customer},1998-01-02,1,${i}.25\n`).join('');
}

function parquetReceipts(customer: string, rows: number): Uint8Array {
  const column = (name: string, type: 'STRING' | 'INT32', value: (row: number) => unknown) => ({
    ...{ name, type },
    data: Array.from({ length: rows }, (_, row) => value(row)),
  });
  return new Uint8Array(
    parquetWriteBuffer({
      columnData: [
        column('customer_id', 'STRING', () => customer),
        column('date', 'STRING', () => '1998-01-02'),
        column('quantity', 'INT32', () => 1),
        column('amount', 'STRING', (row) => `${row}.25`),
      ],
    }),
  );
}

for (const set of STORAGE_SETS)
  describe(`files at scale on ${set} storage`, () => {
    let platform: Platform;
    let folder: string;
    let s3: S3Client;
    before(async () => {
      folder = mkdtempSync(join(tmpdir(), 'tessera-files-'));
      // Whatever it stores in, objects are read from the emulator.
      const env = await emulatorEnvironment();
      const options = await storageOptions(set);
      platform = await startPlatform({ ...options, env: { ...env, ...options.env } });
      s3 = new S3Client({
        endpoint: env['AWS_ENDPOINT_URL_S3'] ?? '',
        region: EMULATOR_REGION,
        credentials: EMULATOR_CREDENTIALS,
        forcePathStyle: true,
      });
      await s3.send(new CreateBucketCommand({ Bucket: BUCKET })).catch(() => undefined);
    });
    after(async () => {
      s3.destroy();
      await platform.stop();
      rmSync(folder, { recursive: true, force: true });
    });

    const run = async (place: string, ...more: string[]): Promise<Json> => {
      const args = ['--source', 'pos', '--mapping', 'cdnow-receipts', '--json', ...more];
      const { stdout, stderr } = await platform.cli('import', place, ...args);
      assert.notEqual(stdout, '', stderr);
      return JSON.parse(stdout) as Json;
    };
    const put = (key: string, body: string | Uint8Array) =>
      s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: key, Body: body }));
    const orders = async (customer: string): Promise<number> =>
      (await platform.profile(`loyaltyId:${customer}`)).computed.byEvent['Order Completed']?.count ?? 0;

    it('imports a folder of all formats, each file once, and lists the one that is broken', async () => {
      const place = join(folder, 'mixed');
      mkdirSync(join(place, 'below'), { recursive: true });
      const write = (name: string, content: string | Uint8Array): void => {
        writeFileSync(join(place, name), content);
      };
      write('a.csv', receipts(`${set}-a`, 3));
      write('b.csv.gz', gzipSync(receipts(`${set}-b`, 4)));
      write('below/c.parquet', parquetReceipts(`${set}-c`, 5));
      write('below/cut.csv.gz', gzipSync(receipts(`${set}-d`, 500)).subarray(0, 60));
      write('half.csv.part', receipts(`${set}-e`, 1));
      const first = await run(place);
      assert.deepEqual(first['outcomes'], { imported: 3, unchanged: 0, unsettled: 0, failed: 1 });
      assert.deepEqual([first['files'], first['stored']], [4, 12]);
      const broken = (first['items'] as Json[]).find(({ outcome }) => outcome === 'failed');
      assert.match(String(broken?.['error']), /cut off/);
      const again = await run(place);
      assert.deepEqual(again['outcomes'], { imported: 0, unchanged: 3, unsettled: 0, failed: 1 });
      assert.deepEqual(await Promise.all(['a', 'b', 'c'].map((name) => orders(`${set}-${name}`))), [3, 4, 5]);
    });

    it('takes in the rows that were added to a file, and those alone', async () => {
      const place = join(folder, 'growing');
      mkdirSync(place, { recursive: true });
      const path = join(place, 'till.csv');
      writeFileSync(path, receipts(`${set}-grows`, 3).trimEnd());
      assert.equal((await run(place))['stored'], 3);
      appendFileSync(path, `\n${set}-grows,1998-01-05,1,9.00\n`);
      const grown = await run(place);
      assert.deepEqual([grown['rows'], grown['stored'], grown['duplicates']], [4, 1, 3]);
      const byHand = await run(path);
      assert.deepEqual([byHand['rows'], byHand['stored'], byHand['duplicates']], [4, 0, 4]);
      assert.equal(await orders(`${set}-grows`), 4);
    });

    it('imports objects and prefixes of S3, and says what is missing', async () => {
      await put(`${set}/one.csv.gz`, gzipSync(receipts(`${set}-s3-one`, 6)));
      await put(`${set}/two.parquet`, parquetReceipts(`${set}-s3-two`, 7));
      const one = await run(`s3://${BUCKET}/${set}/one.csv.gz`);
      assert.deepEqual([one['status'], one['rows'], one['stored']], ['done', 6, 6]);
      const all = await run(`s3://${BUCKET}/${set}/`);
      assert.deepEqual([all['stored'], all['duplicates']], [7, 6]);
      assert.deepEqual((await run(`s3://${BUCKET}/${set}/`))['outcomes'], {
        ...{ imported: 0, unchanged: 2, unsettled: 0, failed: 0 },
      });
      assert.deepEqual([await orders(`${set}-s3-one`), await orders(`${set}-s3-two`)], [6, 7]);
      for (const [place, message] of [
        [`s3://${BUCKET}/${set}/none.csv`, /no object of the given key/],
        ['s3://there-is-none/a.csv', /no such bucket/],
        [`s3://${BUCKET}/nothing-here/`, /no file under the given prefix/],
      ] as const)
        assert.match(String((await run(place))['error']), message);
    });

    it('watches a drop folder by a schedule, and keeps a manifest of each file', async () => {
      const place = mkdtempSync(join(folder, 'drop-'));
      const schedule = basename(place).toLowerCase();
      writeFileSync(join(place, 'day.csv'), `${receipts(`${set}-drop`, 2)}${set}-drop,no date,1,1.00\n`);
      const cli = async (...args: string[]): Promise<Json> => {
        const { code, stdout, stderr } = await platform.cli(...args, '--json');
        assert.equal(code, 0, stderr);
        return JSON.parse(stdout) as Json;
      };
      const when = ['--every', 'P30D', '--settle', 'PT0S', '--mapping', 'cdnow-receipts'];
      await cli('schedule', 'create', `pos/${schedule}`, '--action', 'import', '--folder', place, ...when);
      for (const [round, imported] of [1, 0].entries()) {
        // A run is listed as done a moment before it has ended, and what overlaps it is refused until then.
        await eventually('a run that may start', async () => {
          const { code } = await platform.cli('schedule', 'trigger', `pos/${schedule}`);
          return code === 0 ? true : undefined;
        });
        const runs = await eventually('a run of the schedule', async () => {
          const items = (await cli('imports', 'list', '--folders'))['items'] as Json[];
          const ofDrop = items.filter((item) => item['schedule'] === schedule);
          return ofDrop.length > round && ofDrop.every(({ status }) => status === 'done')
            ? ofDrop
            : undefined;
        });
        assert.equal((runs[0]?.['outcomes'] as Json)['imported'], imported);
      }
      const [file] = (
        (await cli('imports', 'list', '--source', 'pos', '--status', 'done'))['items'] as Json[]
      ).filter(({ path }) => path === join(place, 'day.csv'));
      const manifest = await cli('imports', 'manifest', String(file?.['importId']));
      assert.deepEqual([manifest['rows'], manifest['stored'], manifest['quarantined']], [3, 2, 1]);
      assert.equal(
        Object.values(manifest['reasons'] as Record<string, number>).reduce((a, b) => a + b, 0),
        1,
      );
      assert.equal(await orders(`${set}-drop`), 2);
    });
  });
