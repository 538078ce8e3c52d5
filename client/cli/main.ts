import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { createApi } from './api.ts';
import { registerDoctor } from './commands/doctor.ts';
import { registerIdentity } from './commands/identity/index.ts';
import { registerImport } from './commands/import.ts';
import { registerImports } from './commands/imports.ts';
import { registerMapping } from './commands/mapping.ts';
import { registerNormalization } from './commands/normalization.ts';
import { registerProfile } from './commands/profile.ts';
import { registerQuarantine } from './commands/quarantine.ts';
import { registerSchedule } from './commands/schedule.ts';
import { registerSource } from './commands/source.ts';
import { registerStart } from './commands/start.ts';
import { registerStatus } from './commands/status.ts';
import { registerTemporal } from './commands/temporal.ts';
import { registerTraitPolicy } from './commands/trait-policy.ts';
import { registerReplay } from './commands/replay.ts';
import { registerTrackingPlan } from './commands/tracking-plan.ts';
import type { Context } from './context.ts';
import { CliFailure, Misuse } from './failure.ts';
import { findToken, findUrl } from './platform.ts';
import { createTerminal } from './terminal.ts';
import { printable } from './text.ts';

const DONE = 0;
const FAILED = 1;
const MISUSED = 2;

/** The version that is installed, as `package.json` has it. */
function installedVersion(): string {
  const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(manifest) as { readonly version: string }).version;
}

function createProgram(context: Context): Command {
  const program = new Command('tessera')
    .description(
      'A customer data platform: one history per person, from every source, by rules you can read.',
    )
    .version(installedVersion(), '--version', 'say which version this is')
    .exitOverride()
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError('(--help says more)')
    .addHelpText(
      'after',
      '\nExit codes: 0 done, 1 failed, 2 misused. TESSERA_URL, TESSERA_DATA and TESSERA_ADMIN_TOKEN say where and who.',
    );
  for (const register of [
    registerStart,
    registerStatus,
    registerDoctor,
    registerSource,
    registerSchedule,
    registerImport,
    registerImports,
    registerProfile,
    registerIdentity,
    registerQuarantine,
    registerMapping,
    registerTrackingPlan,
    registerReplay,
    registerTraitPolicy,
    registerNormalization,
    registerTemporal,
  ]) {
    register(program, context);
  }
  return program;
}

function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? DONE : MISUSED;
  if (error instanceof CliFailure) {
    process.stderr.write(`${printable(error.message)}\n`);
    if (error.remedy !== undefined) process.stderr.write(`${printable(error.remedy)}\n`);
    return error instanceof Misuse ? MISUSED : FAILED;
  }
  process.stderr.write(`${printable(error instanceof Error ? error.message : String(error))}\n`);
  return FAILED;
}

/** Runs one command line; answers the exit code. */
export async function main(args: readonly string[], env: NodeJS.ProcessEnv = process.env): Promise<number> {
  let code = DONE;
  // A reader that closes early (`| head`) has what it wanted.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(code);
    throw error;
  });
  const context: Context = {
    env,
    terminal: createTerminal(process.stdout, env),
    out: process.stdout,
    notes: process.stderr,
    api: async () => createApi(await findUrl(env), () => findToken(env)),
    fail: () => {
      code = FAILED;
    },
  };
  try {
    await createProgram(context).parseAsync([...args], { from: 'user' });
    return code;
  } catch (error) {
    return report(error);
  }
}
