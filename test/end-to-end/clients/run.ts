import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { ClientPlan } from './plan.ts';

const CACHE = fileURLToPath(new URL('../../../.cache/python-clients', import.meta.url));
const PYTHON_CLIENT = 'segment-analytics-python==2.4.0';

async function run(
  command: string,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<void> {
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) throw new Error(`${command} ended with code ${code}:\n${output.slice(-4_000)}`);
}

/** Runs a client written for Node, as a program of its own. */
export async function runNodeClient(name: 'segment-node' | 'rudder-node', plan: ClientPlan): Promise<void> {
  const script = fileURLToPath(new URL(`./${name}.ts`, import.meta.url));
  await run(process.execPath, ['--import', 'tsx', script, JSON.stringify(plan)]);
}

/** Runs the Python client; it is installed once, under `.cache/`. */
export async function runPythonClient(plan: ClientPlan): Promise<void> {
  if (!existsSync(`${CACHE}/segment`))
    await run('python3', ['-m', 'pip', 'install', '--quiet', '--target', CACHE, PYTHON_CLIENT]);
  const script = fileURLToPath(new URL('./segment_python.py', import.meta.url));
  await run('python3', [script, JSON.stringify(plan)], { PYTHONPATH: CACHE, PYTHONDONTWRITEBYTECODE: '1' });
}
