import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access, open, realpath } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { StartFailure } from '../failure.ts';

const run = promisify(execFile);
const VERSION_TIMEOUT_MS = 15_000;

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

async function isScript(path: string): Promise<boolean> {
  const file = await open(path, 'r');
  try {
    const { buffer } = await file.read(Buffer.alloc(2), 0, 2, 0);
    return buffer.toString('latin1') === '#!';
  } finally {
    await file.close();
  }
}

/**
 * The program behind a version manager's shim: the shim would be the process we start, and the server its child,
 * which signals and ids would miss. Undefined for a script that names none.
 */
async function behindShim(path: string): Promise<string | undefined> {
  for (const manager of ['pyenv', 'asdf', 'mise']) {
    if (!path.includes(`${manager}/`)) continue;
    try {
      const { stdout } = await run(manager, ['which', 'temporal'], { timeout: VERSION_TIMEOUT_MS });
      const found = stdout.trim();
      if (found !== '' && (await isExecutable(found)) && !(await isScript(found))) return found;
    } catch {
      continue;
    }
  }
  return undefined;
}

async function program(path: string): Promise<string | undefined> {
  if (!(await isExecutable(path))) return undefined;
  const real = await realpath(path);
  return (await isScript(real)) ? behindShim(path) : real;
}

/** Whether this is a Temporal CLI that runs on this machine. */
export async function isTemporal(path: string): Promise<boolean> {
  try {
    const { stdout } = await run(path, ['--version'], { timeout: VERSION_TIMEOUT_MS });
    return /temporal/i.test(stdout);
  } catch {
    return false;
  }
}

/**
 * A Temporal CLI that is on this machine: `TEMPORAL_CLI`, then the PATH, then the given caches.
 * Throws `StartFailure` where `TEMPORAL_CLI` names something else.
 */
export async function findTemporal(
  env: NodeJS.ProcessEnv,
  caches: readonly string[],
): Promise<string | undefined> {
  const named = env['TEMPORAL_CLI'];
  if (named !== undefined && named !== '') {
    const found = await program(named);
    if (found !== undefined && (await isTemporal(found))) return found;
    throw new StartFailure(
      `TEMPORAL_CLI names ${named}, which is no Temporal CLI that runs here.`,
      'Set it to the path of the temporal program, or unset it.',
    );
  }
  const folders = (env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  for (const folder of [...folders, ...caches]) {
    const found = await program(join(folder, 'temporal'));
    if (found !== undefined && (await isTemporal(found))) return found;
  }
  return undefined;
}
