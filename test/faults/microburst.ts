import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { freePorts } from '../support/ports.ts';
import { eventually } from '../support/wait.ts';

const CACHE = fileURLToPath(new URL('../../.cache/microburst', import.meta.url));
const PACKAGE = 'microburst==0.10.0';

/** A fault as microburst takes it; see its README. */
export type Rule = Record<string, unknown> & { readonly service: string };

/** A proxy that speaks AWS's protocols and fails as AWS does. */
export interface FaultProxy {
  readonly url: string;
  /** Replaces the rules in force; an empty list passes everything through. */
  setRules(rules: readonly Rule[]): Promise<void>;
  /** How many faults happened so far. */
  fired(): Promise<number>;
  stop(): Promise<void>;
}

function ensureInstalled(): void {
  if (existsSync(`${CACHE}/microburst`)) return;
  const done = spawnSync('python3', ['-m', 'pip', 'install', '--quiet', '--target', CACHE, PACKAGE], {
    encoding: 'utf8',
  });
  if (done.status !== 0) throw new Error(`microburst can't be installed: ${done.stderr}`);
}

/** Puts a fault proxy in front of an emulator. */
export async function startFaultProxy(upstream: string): Promise<FaultProxy> {
  ensureInstalled();
  const [port] = (await freePorts(1)) as [number];
  const child = spawn(
    'python3',
    ['-m', 'microburst', '--upstream', upstream, '--host', '127.0.0.1', '--port', String(port)],
    { env: { ...process.env, PYTHONPATH: CACHE }, stdio: 'ignore' },
  );
  const ended = new Promise<void>((resolve) =>
    child.once('exit', () => {
      resolve();
    }),
  );
  const url = `http://127.0.0.1:${port}`;
  const control = async (path: string, method = 'GET', body?: unknown): Promise<unknown> => {
    const answer = await fetch(`${url}/_microburst/${path}`, {
      ...{ method, headers: { 'content-type': 'application/json' } },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`microburst answered ${answer.status}: ${text}`);
    return JSON.parse(text);
  };
  await eventually('the fault proxy to listen', () => control('health'), { timeoutMs: 30_000 });
  return {
    url,
    async setRules(rules) {
      await control('rules', 'POST', rules);
    },
    async fired() {
      const stats = (await control('stats')) as { requests: { faulted: number } };
      return stats.requests.faulted;
    },
    async stop() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
