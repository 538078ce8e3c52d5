import {
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  S3Client,
} from '@aws-sdk/client-s3';
import type { FileStamp } from '../../domain/ingestion/imports.ts';
import { errorName, errorStatus, withRetries } from '../aws/calls.ts';
import { httpOptions } from '../aws/http.ts';
import { fileChanged, FileProblem, type Files, type FoundFile } from './types.ts';

/** So much of an object is fetched at a time. */
const RANGE_BYTES = 8 << 20;
const REQUEST_MS = 30_000;

/** Where S3 is. */
export interface S3FilesConfig {
  readonly region: string;
  /** Another address than AWS's own, for emulators and private links. */
  readonly endpoint?: string | undefined;
  /** Where silent, the AWS SDK's own chain finds them. */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

interface Place {
  readonly Bucket: string;
  readonly Key: string;
}

/** The bucket and key of `s3://bucket/key`. Throws `FileProblem` where it is none. */
export function placeOf(location: string): Place {
  const [, bucket, key] = /^s3:\/\/([^/]+)\/?(.*)$/s.exec(location) ?? [];
  if (bucket === undefined || key === undefined)
    throw new FileProblem('file-unreadable', 'an object in S3 is named s3://bucket/key');
  return { Bucket: bucket, Key: key };
}

const NO_BUCKET = 'there is no such bucket in S3; check its name and region';
const DENIED =
  'S3 denies the worker access; its credentials need s3:GetObject on the objects and s3:ListBucket on the bucket';

/** Throws what asking again can't mend as `FileProblem`; other errors as they came. */
function explain(error: unknown, missing: string): never {
  const status = errorStatus(error);
  if (errorName(error) === 'NoSuchBucket') throw new FileProblem('file-unreadable', NO_BUCKET);
  if (status === 403 || status === 401) throw new FileProblem('file-unreadable', DENIED);
  if (status === 412) throw fileChanged();
  if (status === 404) throw new FileProblem('file-unreadable', missing);
  if (errorName(error) === 'CredentialsProviderError')
    throw new FileProblem(
      'file-unreadable',
      'the worker has no credentials for S3; set them as for any AWS SDK',
    );
  throw error;
}

/** A client and how its calls are tried again. */
interface Access {
  readonly client: S3Client;
  readonly retry: <T>(call: () => Promise<T>) => Promise<T>;
}

function clientOf({ region, endpoint, credentials }: S3FilesConfig): S3Client {
  return new S3Client({
    region,
    followRegionRedirects: true,
    ...(credentials === undefined ? {} : { credentials }),
    // Retries are ours: two layers would multiply.
    maxAttempts: 1,
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: httpOptions({ requestMs: REQUEST_MS }),
    // Emulators have no host name per bucket.
    ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
  });
}

/** Objects in S3, by `s3://bucket/key`. An object is read by ranges, each bound to the version that was stamped. */
export function createS3Files(config: S3FilesConfig): Files {
  const client = clientOf(config);
  const access: Access = { client, retry: (call) => withRetries('S3', undefined, call) };
  return {
    stamp: (location) => stampOf(access, placeOf(location)),
    read: (location, stamp, from = 0) => readRanges(access, placeOf(location), stamp, from),
    list: (folder) => listObjects(access, placeOf(folder)),
    close: () => {
      client.destroy();
    },
  };
}

function stampOf({ client, retry }: Access, place: Place): Promise<FileStamp> {
  return retry(async () => {
    const found = await client.send(new HeadObjectCommand(place)).catch(async (error: unknown) => {
      return explain(error, errorStatus(error) === 404 ? await missingOf(client, place) : '');
    });
    return {
      bytes: found.ContentLength ?? 0,
      modifiedMs: found.LastModified?.getTime() ?? 0,
      ...(found.ETag === undefined ? {} : { etag: found.ETag }),
    };
  });
}

/** A 404 of an object does not say whether its bucket is there. */
async function missingOf(client: S3Client, { Bucket }: Place): Promise<string> {
  const bucket = await client.send(new HeadBucketCommand({ Bucket })).catch((error: unknown) => error);
  return errorStatus(bucket) === 404 ? NO_BUCKET : 'there is no object of the given key in the bucket';
}

async function* readRanges(
  { client, retry }: Access,
  place: Place,
  stamp: FileStamp,
  from: number,
): AsyncGenerator<Buffer> {
  for (let at = from; at < stamp.bytes; at += RANGE_BYTES) {
    const last = Math.min(at + RANGE_BYTES, stamp.bytes) - 1;
    const command = new GetObjectCommand({
      ...place,
      Range: `bytes=${at}-${last}`,
      ...(stamp.etag === undefined ? {} : { IfMatch: stamp.etag }),
    });
    const bytes = await retry(async () => {
      try {
        // The body is read within the attempt: it may be cut short long after the headers came.
        return await (await client.send(command)).Body?.transformToByteArray();
      } catch (error) {
        return explain(error, 'the object is no longer there');
      }
    });
    if (bytes?.length !== last + 1 - at) throw fileChanged();
    yield Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  }
}

async function* listObjects(
  { client, retry }: Access,
  { Bucket, Key: Prefix }: Place,
): AsyncGenerator<FoundFile> {
  for (let token: string | undefined; ;) {
    const from = token === undefined ? {} : { ContinuationToken: token };
    const command = new ListObjectsV2Command({ Bucket, Prefix, ...from });
    const page = await retry(async () => {
      try {
        return await client.send(command);
      } catch (error) {
        return explain(error, NO_BUCKET);
      }
    });
    for (const { Key, Size = 0, ETag, LastModified } of page.Contents ?? []) {
      // Consoles make objects that stand for folders.
      if (Key === undefined || Key.endsWith('/') || Key.slice(Prefix.length).split('/').some(isHidden))
        continue;
      const modifiedMs = LastModified?.getTime() ?? 0;
      const stamp = { bytes: Size, modifiedMs, ...(ETag === undefined ? {} : { etag: ETag }) };
      yield { location: `s3://${Bucket}/${Key}`, stamp, touchedMs: 0 };
    }
    token = page.NextContinuationToken;
    if (token === undefined) return;
  }
}

function isHidden(part: string): boolean {
  return part.startsWith('.');
}
