import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createApi, type Api } from './api.ts';
import { descendants } from './process-tree.ts';
import { freePorts } from './ports.ts';
import { eventually } from './wait.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const BIN = fileURLToPath(new URL('../../client/cli/bin.mjs', import.meta.url));
const READY_TIMEOUT_MS = 120_000;
const STOP_TIMEOUT_MS = 60_000;

/** What `tokens.json` holds. */
export interface Tokens {
  readonly tenant: string;
  readonly adminToken: string;
  readonly writeKeys: Record<string, string>;
}

/** How to start a platform. What is silent gets a fresh folder, free ports and no data. */
export interface PlatformOptions {
  /** Kept when the platform stops; a fresh folder is removed by `stop`. */
  readonly data?: string;
  readonly storage?: 'embedded' | 'aws';
  /** With the demo's data instead of `--empty`. */
  readonly demo?: boolean;
  readonly env?: Record<string, string>;
  readonly readyTimeoutMs?: number;
  /** By `npm start`, as the README has it, instead of the command that it runs. */
  readonly byNpm?: boolean;
}

/** A running platform, reached as a user would: by its ports, its files and its command line. */
export interface Platform extends Api {
  readonly data: string;
  readonly url: string;
  readonly port: number;
  readonly temporalPort: number;
  readonly uiPort: number;
  readonly workerMetricsPort: number;
  readonly sdkMetricsPort: number;
  readonly tokens: Tokens;
  /** The supervisor, which `pids.json` does not list. */
  readonly supervisor: ChildProcess;
  /** What it printed so far. */
  readonly output: () => string;
  /** `pids.json` as it is now. */
  readonly pids: () => Record<string, number>;
  /** Sends a signal to a supervised process and answers its id. */
  kill(name: string, signal?: NodeJS.Signals): number;
  /** Waits until every supervised process is another than in `before`, or the named one is, and the gateway is ready. */
  recovered(name: string, before: number): Promise<void>;
  /** Runs `tessera ...` against this platform. */
  cli(...args: string[]): Promise<CliResult>;
  /** Stops by Ctrl-C, and by force if that does not help; answers the exit code. */
  stop(options?: { readonly keep?: boolean }): Promise<number | null>;
  /** Ends every process at once, as a power cut would, and leaves the data. */
  crash(): Promise<void>;
}

/** What a command left behind. */
export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Environment without whatever the caller's shell says of Tessera, Temporal or AWS. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(TESSERA_|TEMPORAL_|AWS_|PORT$)/.test(name)),
  );
}

/** Runs the command line to its end. */
export async function runCli(args: readonly string[], env: Record<string, string> = {}): Promise<CliResult> {
  const child = spawn(process.execPath, [BIN, ...args], { env: { ...cleanEnvironment(), ...env } });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  return { code, stdout, stderr };
}

/** Whether a process is there. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function exited(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.exitCode);
  return new Promise((resolve) => child.once('exit', resolve));
}

/** Starts the whole platform and waits until it takes events. */
export async function startPlatform(options: PlatformOptions = {}): Promise<Platform> {
  const [port, temporalPort, uiPort, workerMetricsPort, sdkMetricsPort] = (await freePorts(5)) as [
    number,
    number,
    number,
    number,
    number,
  ];
  const data = options.data ?? mkdtempSync(join(tmpdir(), 'tessera-test-'));
  const [command, ...first]: [string, ...string[]] =
    options.byNpm === true ? ['npm', 'start', '--'] : [process.execPath, BIN, 'start'];
  const supervisor = spawn(
    command,
    [
      ...first,
      ...['--data', data, '--quiet', ...(options.demo === true ? [] : ['--empty'])],
      ...['--port', String(port), '--temporal-port', String(temporalPort), '--ui-port', String(uiPort)],
      ...['--storage', options.storage ?? 'embedded'],
    ],
    {
      cwd: ROOT,
      env: {
        ...cleanEnvironment(),
        TESSERA_WORKER_METRICS_PORT: String(workerMetricsPort),
        TESSERA_TEMPORAL_METRICS_PORT: String(sdkMetricsPort),
        ...options.env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let output = '';
  const collect = (chunk: Buffer): void => {
    output = (output + chunk.toString()).slice(-100_000);
  };
  supervisor.stdout.on('data', collect);
  supervisor.stderr.on('data', collect);
  const readJson = (name: string): unknown => JSON.parse(readFileSync(join(data, name), 'utf8'));
  const pids = (): Record<string, number> => readJson('pids.json') as Record<string, number>;
  const url = `http://127.0.0.1:${port}`;
  const isReady = async (): Promise<true | undefined> => {
    const answer = await fetch(`${url}/ready`, { signal: AbortSignal.timeout(5_000) });
    await answer.arrayBuffer();
    return answer.ok ? true : undefined;
  };
  const forceDown = async (): Promise<void> => {
    const known = ((): number[] => {
      try {
        return Object.values(pids());
      } catch {
        return [];
      }
    })();
    const tree = supervisor.pid === undefined ? [] : descendants(supervisor.pid);
    // Parents first, so that none of them brings a child back.
    for (const pid of [...tree, ...known]) if (isAlive(pid)) process.kill(pid, 'SIGKILL');
    await exited(supervisor);
  };
  try {
    await eventually(
      'the platform to be ready',
      async () => {
        if (supervisor.exitCode !== null) return 'ended' as const;
        return await isReady();
      },
      { timeoutMs: options.readyTimeoutMs ?? READY_TIMEOUT_MS },
    ).then((state) => {
      if (state === 'ended') throw new Error(`the platform ended with code ${supervisor.exitCode}`);
    });
  } catch (error) {
    await forceDown();
    throw new Error(`the platform did not start; it printed:\n${output}`, { cause: error });
  }
  const tokens = readJson('tokens.json') as Tokens;
  const api = createApi(url, tokens);
  return {
    ...api,
    ...{ data, url, port, temporalPort, uiPort, workerMetricsPort, sdkMetricsPort, tokens, supervisor, pids },
    output: () => output,
    kill(name, signal = 'SIGKILL') {
      const pid = pids()[name];
      if (pid === undefined)
        throw new Error(`pids.json knows no ${name}, only ${Object.keys(pids()).join(', ')}`);
      process.kill(pid, signal);
      return pid;
    },
    async recovered(name, before) {
      await eventually(`${name} to be back`, async () => {
        const now = pids()[name];
        return now !== undefined && now !== before && isAlive(now) ? await isReady() : undefined;
      });
    },
    cli: (...args) =>
      runCli(args, { TESSERA_URL: url, TESSERA_ADMIN_TOKEN: tokens.adminToken, TESSERA_DATA: data }),
    async stop({ keep = options.data !== undefined } = {}) {
      supervisor.kill('SIGINT');
      const timer = setTimeout(() => {
        output += '\n[did not stop by itself]';
        forceDown().catch(() => undefined);
      }, STOP_TIMEOUT_MS);
      const code = await exited(supervisor);
      clearTimeout(timer);
      await api.close();
      if (!keep) rmSync(data, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
      return code;
    },
    async crash() {
      await forceDown();
      await api.close();
    },
  };
}
