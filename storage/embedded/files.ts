import { closeSync, constants, fsync, open, openSync, renameSync, write } from 'node:fs';
import { link, mkdir, unlink } from 'node:fs/promises';
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
/** With O_DSYNC a write returns once it is on the disk: one wait for the thread pool, where flushing would be another. */
const NEW_FILE = O_WRONLY | O_CREAT | O_EXCL | O_DSYNC;
const OWNER_ALONE = 0o600;
const writeSome = promisify(write);
const openNew = promisify(open);

/** A new file, empty and open, owner-readable alone; its name is not durable. */
export interface NewFile {
  readonly path: string;
  readonly descriptor: number;
}

function createFile(path: string): NewFile {
  return { path, descriptor: openSync(path, NEW_FILE, OWNER_ALONE) };
}

/** Writes a new file's content, flushed, and closes it. */
async function fill({ descriptor }: NewFile, bytes: Uint8Array): Promise<void> {
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

/** Writes a new file and flushes its content; its name is not durable yet. */
export async function writeFlushed(path: string, bytes: Uint8Array): Promise<void> {
  await fill(createFile(path), bytes);
}

/**
 * Writes new files of a folder, each of which was created while the one before was written: ext4 looks past every inode that
 * was freed within the last minutes, which takes a millisecond where many were, and nobody waits for it so.
 */
export class FilesAhead {
  readonly #path: () => string;
  readonly #staleMs: number;
  #next: { readonly file: NewFile; readonly createdMs: number } | undefined;
  #creating: Promise<void> | undefined;
  #isClosed = false;

  /** `path` makes new names; a file is not used once it is older than `staleMs`, when somebody may have swept it away. */
  constructor(path: () => string, staleMs: number) {
    this.#path = path;
    this.#staleMs = staleMs;
  }

  /** Writes and flushes; answers the file's path. The file is gone where this throws. */
  async write(bytes: Uint8Array): Promise<string> {
    const file = this.#take() ?? createFile(this.#path());
    this.#createNext();
    try {
      await fill(file, bytes);
    } catch (error) {
      await unlink(file.path).catch(() => undefined);
      throw error;
    }
    return file.path;
  }

  /** Removes what was created and not written. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#creating;
    await this.#drop();
  }

  #take(): NewFile | undefined {
    const next = this.#next;
    if (next === undefined) return undefined;
    if (Date.now() - next.createdMs > this.#staleMs) {
      this.#drop().catch(() => undefined);
      return undefined;
    }
    this.#next = undefined;
    return next.file;
  }

  async #drop(): Promise<void> {
    const next = this.#next;
    this.#next = undefined;
    if (next === undefined) return;
    closeSync(next.file.descriptor);
    await unlink(next.file.path).catch(() => undefined);
  }

  #createNext(): void {
    if (this.#next !== undefined || this.#creating !== undefined || this.#isClosed) return;
    const path = this.#path();
    this.#creating = openNew(path, NEW_FILE, OWNER_ALONE).then(
      (descriptor) => {
        this.#next = { file: { path, descriptor }, createdMs: Date.now() };
        this.#creating = undefined;
      },
      // Whoever writes next tries for itself, and tells why not.
      () => {
        this.#creating = undefined;
      },
    );
  }
}

/**
 * Gives a flushed file its name, replacing what has it; with `ifAbsent`, answers false where the name is taken.
 * The temporary file is gone afterwards, unless this throws.
 */
export async function publish(temporary: string, target: string, ifAbsent: boolean): Promise<boolean> {
  if (!ifAbsent) {
    // Waits for no disk, and would for a busy event loop's next turn where the thread pool did it.
    renameSync(temporary, target);
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
