import { execFile } from 'node:child_process';
import { stat, statfs } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { given } from '../../env.ts';
import { dataFolder, findPorts } from '../platform.ts';

/** One thing that was looked at. */
export interface Check {
  readonly what: string;
  readonly ok: boolean;
  readonly found: string;
  readonly remedy?: string;
}

const run = promisify(execFile);
const PROGRAM_TIMEOUT_MS = 15_000;
const DISK_MIN_BYTES = 1_000_000_000;
const NODE_MIN = [20, 19] as const;

function checkNode(): Check {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const ok = major > NODE_MIN[0] || (major === NODE_MIN[0] && minor >= NODE_MIN[1]);
  return {
    what: 'Node',
    ok,
    found: process.versions.node,
    remedy: `Install Node ${NODE_MIN.join('.')} or newer.`,
  };
}

async function version(program: string): Promise<string | undefined> {
  try {
    const { stdout } = await run(program, ['--version'], { timeout: PROGRAM_TIMEOUT_MS });
    return stdout.split('\n')[0]?.trim();
  } catch {
    return undefined;
  }
}

async function checkTemporal(env: NodeJS.ProcessEnv): Promise<Check> {
  const what = 'Temporal';
  const address = given(env, 'TEMPORAL_ADDRESS');
  if (address !== undefined) return { what, ok: true, found: `uses the cluster at ${address}` };
  const named = given(env, 'TEMPORAL_CLI');
  const found = await version(named ?? 'temporal');
  if (found !== undefined) return { what, ok: true, found };
  if (named !== undefined) {
    return {
      what,
      ok: false,
      found: `TEMPORAL_CLI (${named}) does not run`,
      remedy: 'Correct it, or unset it.',
    };
  }
  return { what, ok: true, found: 'not on the PATH; npm start fetches it (temporal.download, or pip)' };
}

function isFree(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => {
      resolve(false);
    });
    server.listen(port, host, () => {
      server.close(() => {
        resolve(true);
      });
    });
  });
}

/** What listens where, unless a start names another port. */
const USUAL_PORTS = [
  { name: 'gateway', what: 'gateway', port: 8080, flag: '--port' },
  { name: 'temporal', what: 'Temporal', port: 7233, flag: '--temporal-port' },
  { name: 'ui', what: "Temporal's UI", port: 8233, flag: '--ui-port' },
] as const;

/** The ports that the platform has, or that a start would take. */
async function checkPorts(env: NodeJS.ProcessEnv, isUp: boolean): Promise<Check[]> {
  const own = isUp ? await findPorts(env) : {};
  const wanted = given(env, 'TEMPORAL_ADDRESS') === undefined ? USUAL_PORTS : USUAL_PORTS.slice(0, 1);
  return Promise.all(
    wanted.map(async ({ name, what, port: usual, flag }): Promise<Check> => {
      const has = own[name];
      if (typeof has === 'number')
        return { what: `port ${has} (${what})`, ok: true, found: 'in use, by the platform that runs' };
      const port = name === 'gateway' ? Number(given(env, 'PORT') ?? usual) : usual;
      const free = await isFree('127.0.0.1', port);
      return {
        what: `port ${port} (${what})`,
        // One that runs elsewhere, or with ports that can't be told, has what it needs.
        ok: free || isUp,
        found: free ? 'free' : isUp ? 'in use' : 'in use by another program',
        remedy: `Stop that program, or start with ${flag} PORT.`,
      };
    }),
  );
}

async function nearest(path: string): Promise<string> {
  const there = await stat(path).then(
    () => true,
    () => false,
  );
  return there || dirname(path) === path ? path : nearest(dirname(path));
}

async function checkDisk(data: string): Promise<Check> {
  const disk = await statfs(await nearest(data));
  const free = disk.bavail * disk.bsize;
  const found = `${(free / 1e9).toFixed(1)} GB free`;
  return {
    what: 'disk',
    ok: free >= DISK_MIN_BYTES,
    found,
    remedy: 'Free some, or use another disk with --data DIR.',
  };
}

async function checkFolder(data: string): Promise<Check> {
  const what = `data folder ${data}`;
  const folder = await stat(data).catch(() => undefined);
  if (folder === undefined) return { what, ok: true, found: 'not there yet; npm start makes it' };
  const mode = (folder.mode & 0o777).toString(8).padStart(4, '0');
  const ok = (folder.mode & 0o077) === 0;
  return { what, ok, found: `mode ${mode}`, remedy: `It holds keys: chmod 700 ${data}` };
}

/** What the machine offers. */
export async function checkMachine(env: NodeJS.ProcessEnv, isUp: boolean): Promise<Check[]> {
  const data = dataFolder(env);
  return [
    checkNode(),
    await checkTemporal(env),
    ...(await checkPorts(env, isUp)),
    await checkDisk(data),
    await checkFolder(data),
  ];
}
