import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StartFailure } from '../failure.ts';
import { commandOf, isAlive } from './processes.ts';

/** What every supervisor's command line contains. */
const SUPERVISOR = 'infra/local/main.ts';

async function holder(path: string): Promise<{ text: string; pid: number } | undefined> {
  try {
    const text = await readFile(path, 'utf8');
    return { text, pid: Number.parseInt(text, 10) };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** A process that can't be told from another is taken for the supervisor: two of them would ruin the data. */
async function isRunning(pid: number): Promise<boolean> {
  if (!(pid > 0) || pid === process.pid || !isAlive(pid)) return false;
  return (await commandOf(pid))?.includes(SUPERVISOR) ?? true;
}

/** Removes a dead holder's lock; only if it is still the one that was found dead. */
async function breakLock(path: string, text: string): Promise<void> {
  const aside = `${path}.${process.pid}.old`;
  try {
    await rename(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  // Somebody may have taken the lock between reading and renaming: it is theirs and goes back.
  if ((await readFile(aside, 'utf8')) !== text) await link(aside, path).catch(() => undefined);
  await rm(aside, { force: true });
}

/**
 * Makes this process the one supervisor of a data folder; answers how to let go. A lock whose holder is gone is
 * taken over. Throws `StartFailure` where another one runs.
 */
export async function lockDataFolder(data: string): Promise<() => Promise<void>> {
  const path = join(data, 'supervisor.lock');
  for (let attempt = 0; attempt < 5; attempt += 1) {
    try {
      await writeFile(path, `${process.pid} ${Date.now()}\n`, { flag: 'wx', mode: 0o600 });
      return () => rm(path, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const held = await holder(path);
    if (held === undefined) continue;
    if (await isRunning(held.pid)) {
      throw new StartFailure(
        `Tessera is running on ${data} already (process ${held.pid}).`,
        'Use that one, stop it with Ctrl-C, or choose another folder with --data DIR.',
      );
    }
    await breakLock(path, held.text);
  }
  throw new StartFailure(
    `The lock ${path} can't be had.`,
    'Try again; remove the file if nothing is running.',
  );
}
