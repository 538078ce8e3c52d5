import { closeSync, openSync } from 'node:fs';
import { copyFile, open, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';

const LOG_MAX_BYTES = 20 * 1024 * 1024;
const TAIL_BYTES = 16 * 1024;

/**
 * A child's log: the child writes to the file itself, opened for appending, so that it costs the supervisor nothing
 * and survives it. One older file is kept, hence at most twice the limit on disk.
 */
export class LogFile {
  readonly path: string;
  readonly #maxBytes: number;

  constructor(data: string, name: string, maxBytes = LOG_MAX_BYTES) {
    this.path = join(data, 'logs', `${name}.log`);
    this.#maxBytes = maxBytes;
  }

  /** Lends a descriptor to `use`, which hands it to a child. */
  lend<T>(use: (descriptor: number) => T): T {
    const descriptor = openSync(this.path, 'a', 0o600);
    try {
      return use(descriptor);
    } finally {
      closeSync(descriptor);
    }
  }

  /** Sets the file aside where it has grown too long. Its writer appends, so that it goes on at the new end. */
  async rotate(): Promise<void> {
    const size = await stat(this.path).then(
      (file) => file.size,
      () => 0,
    );
    if (size <= this.#maxBytes) return;
    await copyFile(this.path, `${this.path}.1`);
    await truncate(this.path, 0);
  }

  /** The last lines that say something, for a sentence about why a child ended. */
  async tail(lines: number): Promise<string[]> {
    try {
      const file = await open(this.path, 'r');
      try {
        const { size } = await file.stat();
        const start = Math.max(0, size - TAIL_BYTES);
        const { buffer, bytesRead } = await file.read(Buffer.alloc(TAIL_BYTES), 0, TAIL_BYTES, start);
        const text = buffer.subarray(0, bytesRead).toString('utf8');
        return text
          .split('\n')
          .filter((line) => line.trim() !== '')
          .slice(-lines);
      } finally {
        await file.close();
      }
    } catch {
      return [];
    }
  }
}
