import { closeSync, constants, fsync, openSync, write } from 'node:fs';
import { link, mkdir, rename, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { errorCode } from './faults.ts';

const flush = promisify(fsync);

/** Flushes a directory: what was created, renamed or removed in it survives a crash. */
export async function syncDirectory(dir: string): Promise<void> {
  // To open and to close a directory waits for no disk; handing them to the thread pool costs more than they do.
  const descriptor = openSync(dir, 'r');
  try {
    await flush(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/**
 * Flushes directories, callers that come while a flush of theirs runs sharing the next one: a flush serves only those
 * whose change was made before it began.
 */
export class DirectorySync {
  readonly #running = new Map<string, Promise<void>>();
  readonly #next = new Map<string, Promise<void>>();

  sync(dir: string): Promise<void> {
    const running = this.#running.get(dir);
    if (running === undefined) return this.#start(dir);
    let next = this.#next.get(dir);
    if (next === undefined) {
      const start = (): Promise<void> => {
        this.#next.delete(dir);
        return this.#start(dir);
      };
      next = running.then(start, start);
      this.#next.set(dir, next);
    }
    return next;
  }

  #start(dir: string): Promise<void> {
    const running = syncDirectory(dir).finally(() => {
      if (this.#running.get(dir) === running) this.#running.delete(dir);
    });
    this.#running.set(dir, running);
    return running;
  }
}

/** Makes a directory and those above it, each durably. */
export async function makeDirectory(dir: string): Promise<void> {
  const first = await mkdir(dir, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  const stop = dirname(first);
  for (let at = dirname(dir); at.length >= stop.length; at = dirname(at)) {
    await syncDirectory(at);
    if (at === dirname(at)) return;
  }
}

const { O_CREAT, O_DSYNC, O_EXCL, O_WRONLY } = constants;
const writeSome = promisify(write);

/**
 * Writes a new file, owner-readable alone, and flushes its content; its name is not durable yet. With O_DSYNC a write returns
 * once it is on the disk: one wait for the thread pool, and so for the event loop, where opening, flushing and closing by the
 * pool would be four.
 */
export async function writeFlushed(path: string, bytes: Uint8Array): Promise<void> {
  const descriptor = openSync(path, O_WRONLY | O_CREAT | O_EXCL | O_DSYNC, 0o600);
  try {
    let at = 0;
    while (at < bytes.length) {
      const { bytesWritten } = await writeSome(descriptor, bytes, at, bytes.length - at);
      at += bytesWritten;
    }
  } finally {
    closeSync(descriptor);
  }
}

/**
 * Gives a flushed file its name, replacing what has it; with `ifAbsent`, answers false where the name is taken.
 * The temporary file is gone afterwards, unless this throws.
 */
export async function publish(temporary: string, target: string, ifAbsent: boolean): Promise<boolean> {
  if (!ifAbsent) {
    await rename(temporary, target);
    return true;
  }
  const created = await linkOnce(temporary, target);
  await unlink(temporary);
  return created;
}

async function linkOnce(temporary: string, target: string): Promise<boolean> {
  try {
    await link(temporary, target);
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  }
}

/** Creates a file whole, durably and at most once among racing processes; answers false where it exists already. */
export async function createOnce(path: string, bytes: Uint8Array, temporaryName: string): Promise<boolean> {
  const temporary = join(dirname(path), temporaryName);
  let created: boolean;
  try {
    await writeFlushed(temporary, bytes);
    created = await publish(temporary, path, true);
  } catch (error) {
    await unlink(temporary).catch(() => undefined);
    throw error;
  }
  await syncDirectory(dirname(path));
  return created;
}
