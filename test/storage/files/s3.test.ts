import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { createS3Files } from '../../../storage/files/s3.ts';
import type { Files } from '../../../storage/files/types.ts';
import { awsEmulators, EMULATOR_CREDENTIALS, EMULATOR_REGION } from '../../support/aws-emulators.ts';

/** More than is fetched at a time. */
const LARGE = 9 << 20;

describe('files in S3', function () {
  this.timeout(60_000);
  let client: S3Client;
  let files: Files;
  let close = (): void => undefined;
  const bucket = `files-${randomBytes(4).toString('hex')}`;
  before(async function () {
    if (process.env['TESSERA_TEST_AWS'] === 'off') this.skip();
    const { s3: endpoint } = await awsEmulators();
    const region = EMULATOR_REGION;
    const credentials = EMULATOR_CREDENTIALS;
    client = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
    files = createS3Files({ region, endpoint, credentials });
    close = () => {
      client.destroy();
      files.close();
    };
    await client.send(new CreateBucketCommand({ Bucket: bucket }));
  });
  after(() => {
    close();
  });

  const put = (key: string, body: string | Uint8Array) =>
    client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body }));
  const at = (key: string): string => `s3://${bucket}/${key}`;
  async function read(key: string, from?: number): Promise<Buffer> {
    const pieces: Buffer[] = [];
    for await (const piece of files.read(at(key), await files.stamp(at(key)), from)) pieces.push(piece);
    return Buffer.concat(pieces);
  }

  it('are read by ranges, from any byte', async () => {
    const bytes = randomBytes(LARGE);
    await put('large', bytes);
    assert.ok((await read('large')).equals(bytes));
    assert.ok((await read('large', LARGE - 10)).equals(bytes.subarray(-10)));
    await put('empty', '');
    assert.equal((await read('empty')).length, 0);
  });

  it('are bound to the version that was stamped', async () => {
    await put('changing', randomBytes(LARGE));
    const stamp = await files.stamp(at('changing'));
    const reading = files.read(at('changing'), stamp)[Symbol.asyncIterator]();
    await reading.next();
    await put('changing', randomBytes(LARGE));
    await assert.rejects(reading.next(), { code: 'file-changed' });
  });

  it('are listed below a prefix without what is hidden, more than a page of them', async () => {
    const keys = Array.from({ length: 1_003 }, (_, n) => `many/${String(n).padStart(5, '0')}.csv`);
    for (let from = 0; from < keys.length; from += 100)
      await Promise.all(keys.slice(from, from + 100).map((key) => put(key, 'x')));
    for (const key of ['many/.hidden', 'many/.git/a.csv', 'many/folder/', 'other/a.csv']) await put(key, 'x');
    const found: string[] = [];
    for await (const { location } of files.list(at('many/'))) {
      found.push(location);
    }
    assert.deepEqual(found, keys.map(at));
  });

  it('that are not there are told apart from buckets that are not', async () => {
    await assert.rejects(files.stamp(at('none')), /no object of the given key/u);
    await assert.rejects(files.stamp('s3://there-is-none-of-it/a'), /no such bucket/u);
    await assert.rejects(async () => {
      for await (const one of files.list('s3://there-is-none-of-it/')) assert.ok(one);
    }, /no such bucket/u);
  });
});
