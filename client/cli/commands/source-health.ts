import type { Command } from 'commander';
import { itemsOf, leaf, listOf, objectOf, type Context } from '../context.ts';
import { cell } from '../text.ts';

function percent(share: unknown): string {
  return `${(Number(share ?? 0) * 100).toFixed(1)} %`;
}

function showOne(context: Context, health: Record<string, unknown>): void {
  const clock = objectOf(health['clock']);
  const volume = objectOf(health['volume']);
  context.terminal.facts([
    ['status', health['status']],
    ['last item', health['lastReceivedAt'] ?? 'never'],
    ['items a minute', Number(health['itemsPerMinute'] ?? 0).toFixed(1)],
    ['items in a day', health['itemsLastDay']],
    ['usual this hour', volume['usual'] ?? 'not known yet'],
    ['in quarantine', percent(health['quarantinedShare'])],
    ['duplicates', percent(health['duplicateShare'])],
    ['clocks off by', health['clock'] === null ? 'not told' : `${Number(clock['meanSeconds']).toFixed(1)} s`],
  ]);
  for (const { code, detail } of listOf(health['findings']))
    context.terminal.line(`${context.terminal.mark(false)} ${cell(code)}: ${cell(detail)}`);
}

/** `tessera source health [name]`: how sources are; exit 1 where one wants looking at. */
export function registerHealth(noun: Command, context: Context): void {
  leaf(noun, 'health [name]', 'how sources are: fresh, as busy as usual, and as clean').action(
    async (name: string | undefined, options: { json?: boolean }) => {
      const api = await context.api();
      const answer = await api.get(
        name === undefined ? '/v1/health' : `/v1/sources/${encodeURIComponent(name)}/health`,
      );
      const all = name === undefined ? itemsOf(answer) : [answer];
      if (options.json === true) context.terminal.json(answer);
      else if (name !== undefined) showOne(context, answer);
      else
        context.terminal.table(
          ['source', 'status', 'last item', 'items/min', 'quarantined', 'duplicates', 'to look at'],
          all.map((one) => [
            one['source'],
            one['status'],
            one['lastReceivedAt'],
            Number(one['itemsPerMinute'] ?? 0).toFixed(1),
            percent(one['quarantinedShare']),
            percent(one['duplicateShare']),
            listOf(one['findings']).map((finding) => cell(finding['code'])),
          ]),
          'There are no sources.',
        );
      if (all.some((one) => one['status'] === 'warning')) context.fail();
    },
  );
}
