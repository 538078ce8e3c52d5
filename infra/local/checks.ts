import { chmod, mkdir, stat, statfs, writeFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { StartFailure, reasonOf } from './failure.ts';

/** Below this the databases can't grow enough to be of use. */
const DISK_MIN_BYTES = 200 * 1024 * 1024;
const PRIVATE_FOLDER = 0o700;

/** With its parents, one by one: Node's recursive way never comes back where a file system refuses new folders. */
async function makeFolder(path: string): Promise<void> {
  const make = () =>
    mkdir(path, { mode: PRIVATE_FOLDER }).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    });
  if (await isThere(dirname(path))) return make();
  await makeFolder(dirname(path));
  return make();
}

function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** Makes the data folder, its owner's alone, and shows that it can be written. Throws `StartFailure`. */
export async function prepareDataFolder(data: string): Promise<void> {
  try {
    await makeFolder(join(data, 'logs'));
    await makeFolder(join(data, 'temporal'));
    if (((await stat(data)).mode & 0o777) !== PRIVATE_FOLDER) await chmod(data, PRIVATE_FOLDER);
    const probe = join(data, `.probe-${process.pid}`);
    await writeFile(probe, 'x');
    await rm(probe);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOSPC') throw diskFull(data, 0);
    throw new StartFailure(
      `The data folder ${data} can't be used: ${reasonOf(error)}.`,
      'Choose a folder that you own with --data DIR or TESSERA_DATA.',
    );
  }
}

/** Throws `StartFailure` where the disk under the data folder is as good as full. */
export async function checkDisk(data: string): Promise<void> {
  const disk = await statfs(data);
  const free = disk.bavail * disk.bsize;
  if (free < DISK_MIN_BYTES) throw diskFull(data, free);
}

function diskFull(data: string, free: number): StartFailure {
  return new StartFailure(
    `The disk under ${data} is full: ${Math.floor(free / 1e6)} MB left, ${Math.ceil(DISK_MIN_BYTES / 1e6)} MB needed.`,
    'Free some space, or choose another disk with --data DIR.',
  );
}
