import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { commandOf, isAlive, terminate } from './processes.ts';

const GRACE_MS = 10_000;

/** `pids.json` of a data folder: process name to id, for whoever wants to look at or test the running stack. */
export class PidFile {
  readonly #path: string;
  readonly #pids = new Map<string, number>();
  #writing: Promise<void> = Promise.resolve();

  constructor(data: string) {
    this.#path = join(data, 'pids.json');
  }

  /** Records a process, or with undefined that there is none; the file is replaced atomically, in order. */
  set(name: string, pid: number | undefined): Promise<void> {
    if (pid === undefined) this.#pids.delete(name);
    else this.#pids.set(name, pid);
    const text = `${JSON.stringify(Object.fromEntries(this.#pids))}\n`;
    this.#writing = this.#writing
      .catch(() => undefined)
      .then(async () => {
        const draft = `${this.#path}.new`;
        await writeFile(draft, text, { mode: 0o600 });
        await rename(draft, this.#path);
      });
    return this.#writing;
  }

  async remove(): Promise<void> {
    await this.#writing.catch(() => undefined);
    await rm(this.#path, { force: true });
  }

  async read(): Promise<Record<string, number>> {
    try {
      const content: unknown = JSON.parse(await readFile(this.#path, 'utf8'));
      if (typeof content !== 'object' || content === null) return {};
      return Object.fromEntries(
        Object.entries(content).filter((entry): entry is [string, number] => Number.isInteger(entry[1])),
      );
    } catch {
      return {};
    }
  }
}

/**
 * Ends what a supervisor that was killed left running: processes named in `pids.json` whose command line still
 * carries the mark that our children carry. Answers how many there were.
 */
export async function endOrphans(file: PidFile, mark: string): Promise<number> {
  const left = Object.values(await file.read()).filter(isAlive);
  const ours: number[] = [];
  for (const pid of left) if ((await commandOf(pid))?.includes(mark) === true) ours.push(pid);
  await Promise.all(ours.map((pid) => terminate(pid, GRACE_MS)));
  await file.remove();
  return ours.length;
}
