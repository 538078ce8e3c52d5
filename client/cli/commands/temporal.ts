import type { Command } from 'commander';
import { cell } from '../text.ts';
import { leaf, type Context } from '../context.ts';

/** `tessera temporal open`: payloads readable in Temporal's UI. */
export function registerTemporal(program: Command, context: Context): void {
  const noun = program.command('temporal').description("Temporal's UI, where every run can be read");
  leaf(
    noun,
    'open [workflowId]',
    "print a link that lets your browser read workflows' payloads in Temporal's UI, for twelve hours",
  ).action(async (workflowId: string | undefined, options: { json?: boolean }) => {
    const api = await context.api();
    const { path, expiresAt } = await api.post(
      '/v1/temporal/sign-ins',
      workflowId === undefined ? {} : { workflowId },
    );
    const url = `${api.url}${cell(path)}`;
    if (options.json === true) {
      context.terminal.json({ url, expiresAt });
      return;
    }
    context.terminal.line(url);
    context.notes.write('Open it in your browser within five minutes; it works once.\n');
  });
}
