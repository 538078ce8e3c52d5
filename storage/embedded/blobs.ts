import { randomBytes } from 'node:crypto';
import { open, readdir, readFile, stat, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Blobs, Meter } from '../ports.ts';
import { entryToPart, keyToParts, prefixToFolders } from './blob-paths.ts';
import { errorCode, storageFault } from './faults.ts';
import { DirectorySync, FilesAhead, makeDirectory, publish } from './files.ts';

const LIST_LIMIT = 1_000;
/** Age past which a file that no writer finished is swept away at the start. */
const ABANDONED_MS = 3_600_000;
/** Age past which a file that was created ahead is not used any more, long before it is taken for an abandoned one. */
const STALE_MS = 600_000;

/** Blobs as files of a folder, which several processes may use at once. Open with `openEmbeddedBlobs`. */
class EmbeddedBlobs implements Blobs {
  readonly #root: string;
  readonly #meter: Meter;
  readonly #sync = new DirectorySync();
  readonly #files: FilesAhead;

  constructor(root: string, temporary: string, meter: Meter) {
    this.#root = root;
    this.#meter = meter;
    const writer = randomBytes(6).toString('hex');
    let created = 0;
    this.#files = new FilesAhead(() => join(temporary, `${writer}-${++created}`), STALE_MS);
  }

  async put(key: string, bytes: Uint8Array, options: { readonly ifAbsent?: boolean } = {}): Promise<boolean> {
    const target = this.#path(key);
    this.#meter.add('blobs.puts', 1);
    this.#meter.add('blobs.put.bytes', bytes.length);
    return this.#guard(async () => {
      const temporary = await this.#files.write(bytes);
      let created: boolean;
      try {
        created = await this.#publish(temporary, target, options.ifAbsent === true);
      } catch (error) {
        await unlink(temporary).catch(() => undefined);
        throw error;
      }
      // Also where another writer came first: its file's name may not be flushed yet.
      await this.#sync.sync(dirname(target));
      return created;
    });
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    const path = this.#path(key);
    const bytes = await this.#guard(() => unlessMissing(readFile(path)));
    this.#meterGet(bytes);
    return bytes;
  }

  async getRange(key: string, from: number, to: number): Promise<Uint8Array | undefined> {
    const path = this.#path(key);
    const bytes = await this.#guard(async () => {
      const handle = await unlessMissing(open(path, 'r'));
      if (handle === undefined) return undefined;
      try {
        const size = Math.max(0, Math.min(to, (await handle.stat()).size) - from);
        const { buffer, bytesRead } = await handle.read(Buffer.alloc(size), 0, size, from);
        return buffer.subarray(0, bytesRead);
      } finally {
        await handle.close();
      }
    });
    this.#meterGet(bytes);
    return bytes;
  }

  async list(
    prefix: string,
    options: { readonly after?: string; readonly limit?: number } = {},
  ): Promise<string[]> {
    this.#meter.add('blobs.lists', 1);
    const limit = options.limit ?? LIST_LIMIT;
    return this.#guard(async () => {
      const found: string[] = [];
      if (limit > 0) {
        const folder = prefix.slice(0, prefix.lastIndexOf('/') + 1);
        await this.#walk(folder, prefix, options.after ?? '', limit, found);
      }
      return found;
    });
  }

  async delete(key: string): Promise<void> {
    const path = this.#path(key);
    this.#meter.add('blobs.deletes', 1);
    await this.#guard(async () => {
      await unlessMissing(unlink(path));
      await unlessMissing(this.#sync.sync(dirname(path)));
    });
  }

  async close(): Promise<void> {
    await this.#files.close();
  }

  /** Adds the keys below `folder` in order; answers true when `limit` is reached. */
  async #walk(
    folder: string,
    prefix: string,
    after: string,
    limit: number,
    found: string[],
  ): Promise<boolean> {
    const names = await unlessMissing(readdir(join(this.#root, ...prefixToFolders(folder))));
    const keys = (names ?? []).map((name) => folder + entryToPart(name)).sort(compareBytes);
    for (const key of keys) {
      if (key.endsWith('/')) {
        if (!key.startsWith(prefix) && !prefix.startsWith(key)) continue;
        if (compareBytes(key, after) < 0 && !after.startsWith(key)) continue;
        if (await this.#walk(key, prefix, after, limit, found)) return true;
      } else if (key.startsWith(prefix) && compareBytes(key, after) > 0) {
        found.push(key);
        if (found.length >= limit) return true;
      }
    }
    return false;
  }

  async #publish(temporary: string, target: string, ifAbsent: boolean): Promise<boolean> {
    try {
      return await publish(temporary, target, ifAbsent);
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw error;
    }
    await makeDirectory(dirname(target));
    return publish(temporary, target, ifAbsent);
  }

  #path(key: string): string {
    return join(this.#root, ...keyToParts(key));
  }

  #meterGet(bytes: Uint8Array | undefined): void {
    this.#meter.add('blobs.gets', 1);
    this.#meter.add('blobs.get.bytes', bytes?.length ?? 0);
  }

  async #guard<T>(action: () => Promise<T>): Promise<T> {
    try {
      return await action();
    } catch (error) {
      throw storageFault('the folder of blobs', this.#root, error);
    }
  }
}

/** Opens, or creates, the blobs in `dir`. Throws `StoreUnavailable`, `StoreFull`. */
export async function openEmbeddedBlobs(dir: string, meter: Meter): Promise<Blobs> {
  const root = join(dir, 'objects');
  const temporary = join(dir, 'unfinished');
  try {
    await makeDirectory(root);
    await makeDirectory(temporary);
    await sweep(temporary);
  } catch (error) {
    throw storageFault('the folder of blobs', dir, error);
  }
  return new EmbeddedBlobs(root, temporary, meter);
}

async function sweep(temporary: string): Promise<void> {
  for (const name of await readdir(temporary)) {
    const path = join(temporary, name);
    const stats = await unlessMissing(stat(path));
    if (stats !== undefined && Date.now() - stats.mtimeMs > ABANDONED_MS) await unlessMissing(unlink(path));
  }
}

async function unlessMissing<T>(action: Promise<T>): Promise<T | undefined> {
  try {
    return await action;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
