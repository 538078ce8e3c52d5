import type { Command } from 'commander';
import { checkMachine, type Check } from '../doctor/machine.ts';
import { checkPlatform } from '../doctor/platform.ts';
import { leaf, type Context } from '../context.ts';

function show(context: Context, checks: readonly Check[]): void {
  const { terminal } = context;
  for (const check of checks) {
    terminal.line(`${terminal.mark(check.ok)} ${check.what}: ${check.found}`);
    if (!check.ok && check.remedy !== undefined) terminal.line(`    ${check.remedy}`);
  }
}

/** `tessera doctor`: what is needed, what is there, and what to do. */
export function registerDoctor(program: Command, context: Context): void {
  leaf(program, 'doctor', 'check what Tessera needs on this machine, and say what to do').action(
    async (options: { json?: boolean }) => {
      const running = await checkPlatform(context);
      const checks = [...(await checkMachine(context.env, running.isUp)), ...running.checks];
      const ok = checks.every((check) => check.ok);
      if (options.json === true) context.terminal.json({ ok, checks });
      else show(context, checks);
      if (!ok) context.fail();
    },
  );
}
