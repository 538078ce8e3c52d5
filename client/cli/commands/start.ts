import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { Misuse } from '../failure.ts';

const SUPERVISOR = fileURLToPath(new URL('../../../infra/local/main.ts', import.meta.url));

/** The flags as the supervisor reads them. */
function flagsOf(options: Record<string, unknown>): string[] {
  return Object.entries(options).flatMap(([name, value]) => {
    const flag = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    if (value === true) return [flag];
    return typeof value === 'string' ? [flag, value] : [];
  });
}

/**
 * Runs the supervisor as a process of its own and ends as it ends. Signals of the terminal reach it by itself; others
 * are handed on. Should this process be killed, the closed channel tells the supervisor to stop.
 */
function runSupervisor(args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), SUPERVISOR, ...args], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      env,
    });
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(name, () => {
        child.kill(name);
      });
    }
    child.once('error', reject);
    child.once('exit', (code) => {
      resolve(code ?? 1);
    });
  });
}

/** `tessera start`: the whole platform on this machine. */
export function registerStart(program: Command, context: Context): void {
  program
    .command('start')
    .description('bring up the whole platform on this machine, until Ctrl-C')
    .option('--empty', 'without the demo data')
    .option('--data <dir>', 'data folder (default: TESSERA_DATA or .tessera)')
    .option('--port <port>', 'of the gateway (default: PORT or 8080; 0 takes any free one)')
    .option('--host <address>', 'address to listen on (default: TESSERA_HOST or 127.0.0.1)')
    .option('--temporal-port <port>', 'of the Temporal server (default: 7233)')
    .option('--ui-port <port>', "of Temporal's UI (default: 8233)")
    .option('--storage <set>', 'embedded or aws (default: TESSERA_STORAGE or embedded)')
    .option('--quiet', 'print only what must be known')
    .action(async (options: Record<string, unknown>) => {
      const code = await runSupervisor(flagsOf(options), context.env);
      if (code === 2) throw new Misuse('See tessera start --help.');
      if (code !== 0) context.fail();
    });
}
