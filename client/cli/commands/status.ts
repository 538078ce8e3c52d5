import type { Command } from 'commander';
import { leaf, objectOf, type Context } from '../context.ts';

const COUNTS = ['received', 'stored', 'duplicates', 'quarantined', 'pending'] as const;

/** Whether every item that was received is accounted for. */
export function isConserved(counts: Record<string, unknown>): boolean {
  const [received = 0, ...parts] = COUNTS.map((name) => Number(counts[name] ?? 0));
  return received === parts.reduce((sum, part) => sum + part, 0);
}

/** `tessera status`: what there is, and that nothing got lost on the way. */
export function registerStatus(program: Command, context: Context): void {
  leaf(
    program,
    'status',
    'counts, per source: received = stored + duplicates + quarantined + pending',
  ).action(async (options: { json?: boolean }) => {
    const { terminal } = context;
    const status = await (await context.api()).get('/v1/status');
    if (options.json === true) {
      terminal.json(status);
      return;
    }
    terminal.facts([
      ['profiles', status['profiles']],
      ['fragments', status['fragments']],
      ['events', status['events']],
    ]);
    const sources = Object.entries(objectOf(status['sources'])).map(
      ([name, counts]) => [name, objectOf(counts)] as const,
    );
    terminal.line();
    terminal.table(
      ['source', ...COUNTS, 'all accounted for'],
      sources.map(([name, counts]) => [
        name,
        ...COUNTS.map((count) => counts[count] ?? 0),
        isConserved(counts) ? 'yes' : 'NO',
      ]),
      'There are no sources.',
    );
    if (!sources.every(([, counts]) => isConserved(counts))) context.fail();
  });
}
