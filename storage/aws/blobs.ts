import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import type { S3Client } from '@aws-sdk/client-s3';
import { StorageError } from '../errors.ts';
import type { Blobs, Meter } from '../ports.ts';
import { errorName, errorStatus, withRetries } from './calls.ts';

const LIST_LIMIT = 1_000;
/** A most of keys in one page of a listing, as S3 has it. */
const PAGE_KEYS_MAX = 1_000;
const KEY_BYTES_MAX = 800;

/** Which objects of a bucket are these blobs: those whose keys start with `prefix`. */
export interface AwsBlobsOptions {
  readonly client: S3Client;
  readonly bucket: string;
  readonly prefix: string;
  readonly meter: Meter;
  readonly attempts: number | undefined;
}

/**
 * Blobs in an S3 bucket. A conditional put whose answer was lost is sent again and may then answer false though it was
 * this call that wrote; the bytes are immutable under their key, so callers that need to know compare them.
 */
export class AwsBlobs implements Blobs {
  readonly #options: AwsBlobsOptions;
  readonly #client: S3Client;
  readonly #meter: Meter;

  constructor(options: AwsBlobsOptions) {
    this.#options = options;
    this.#client = options.client;
    this.#meter = options.meter;
  }

  async put(key: string, bytes: Uint8Array, options: { readonly ifAbsent?: boolean } = {}): Promise<boolean> {
    const command = {
      ...this.#at(key),
      Body: bytes,
      ContentLength: bytes.length,
      ...(options.ifAbsent === true ? { IfNoneMatch: '*' } : {}),
    };
    this.#meter.add('blobs.puts', 1);
    this.#meter.add('blobs.put.bytes', bytes.length);
    return this.#retry(async () => {
      try {
        await this.#client.send(new PutObjectCommand(command));
        return true;
      } catch (error) {
        if (errorStatus(error) === 412) return false;
        throw error;
      }
    });
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    return this.#get(key, undefined);
  }

  async getRange(key: string, from: number, to: number): Promise<Uint8Array | undefined> {
    if (to <= from) return (await this.#exists(key)) ? new Uint8Array() : undefined;
    return this.#get(key, `bytes=${from}-${to - 1}`);
  }

  async list(
    prefix: string,
    options: { readonly after?: string; readonly limit?: number } = {},
  ): Promise<string[]> {
    const limit = options.limit ?? LIST_LIMIT;
    const keys: string[] = [];
    let after = options.after;
    while (keys.length < limit) {
      const input = {
        Bucket: this.#options.bucket,
        Prefix: this.#options.prefix + prefix,
        MaxKeys: Math.min(PAGE_KEYS_MAX, limit - keys.length),
        ...(after === undefined ? {} : { StartAfter: this.#options.prefix + after }),
      };
      this.#meter.add('blobs.lists', 1);
      const page = await this.#retry(() => this.#client.send(new ListObjectsV2Command(input)));
      for (const { Key } of page.Contents ?? []) {
        if (Key !== undefined) keys.push(Key.slice(this.#options.prefix.length));
      }
      after = keys.at(-1);
      if (page.IsTruncated !== true) break;
    }
    return keys.slice(0, Math.max(0, limit));
  }

  async delete(key: string): Promise<void> {
    this.#meter.add('blobs.deletes', 1);
    await this.#retry(() => this.#client.send(new DeleteObjectCommand(this.#at(key))));
  }

  async close(): Promise<void> {
    // The client is closed by whoever opened it.
  }

  async #get(key: string, range: string | undefined): Promise<Uint8Array | undefined> {
    const input = { ...this.#at(key), ...(range === undefined ? {} : { Range: range }) };
    const bytes = await this.#retry(async () => {
      try {
        const answer = await this.#client.send(new GetObjectCommand(input));
        // The body is read within the attempt: it may be cut short long after the headers came.
        return await answer.Body?.transformToByteArray();
      } catch (error) {
        if (isMissing(error)) return undefined;
        if (errorStatus(error) === 416) return new Uint8Array();
        throw error;
      }
    });
    this.#meter.add('blobs.gets', 1);
    this.#meter.add('blobs.get.bytes', bytes?.length ?? 0);
    return bytes;
  }

  async #exists(key: string): Promise<boolean> {
    this.#meter.add('blobs.gets', 1);
    return this.#retry(async () => {
      try {
        await this.#client.send(new HeadObjectCommand(this.#at(key)));
        return true;
      } catch (error) {
        if (isMissing(error)) return false;
        throw error;
      }
    });
  }

  #at(key: string): { readonly Bucket: string; readonly Key: string } {
    if (key.split('/').includes('') || Buffer.byteLength(key) > KEY_BYTES_MAX) {
      throw new StorageError(
        'invalid-key',
        `a blob's key must have no empty part and at most ${KEY_BYTES_MAX} bytes`,
      );
    }
    return { Bucket: this.#options.bucket, Key: this.#options.prefix + key };
  }

  #retry<T>(call: () => Promise<T>): Promise<T> {
    return withRetries(`bucket ${this.#options.bucket}`, this.#options.attempts, call);
  }
}

function isMissing(error: unknown): boolean {
  return errorName(error) === 'NoSuchKey' || errorName(error) === 'NotFound';
}
