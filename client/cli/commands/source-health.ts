import type { Command } from 'commander';
import { isThreshold, THRESHOLD_NAMES, THRESHOLDS } from '../../../domain/quality/thresholds.ts';
import { itemsOf, leaf, listOf, objectOf, type Context } from '../context.ts';
import { Misuse } from '../failure.ts';
import { cell } from '../text.ts';
import { wholeList } from '../whole-list.ts';

function percent(share: unknown): string {
  return `${(Number(share ?? 0) * 100).toFixed(1)} %`;
}

function refusedOf(health: Record<string, unknown>): string {
  const counts = Object.entries(objectOf(health['refusedBy']));
  return counts.length === 0
    ? 'none'
    : counts.map(([reason, count]) => `${cell(count)} ${reason}`).join(', ');
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
    ['webhooks refused', refusedOf(health)],
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
      const answer =
        name === undefined
          ? await wholeList(api, '/v1/health')
          : await api.get(`/v1/sources/${encodeURIComponent(name)}/health`);
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

/** A change of a threshold as `name=value`, or `name=default`. */
function addChange(text: string, before: Record<string, number | null> = {}): Record<string, number | null> {
  const [name = '', value = ''] = text.split('=');
  if (!isThreshold(name))
    throw new Misuse(`--set takes one of ${THRESHOLD_NAMES.join(', ')}, as name=value.`);
  if (value === 'default') return { ...before, [name]: null };
  if (value.trim() === '' || !Number.isFinite(Number(value)))
    throw new Misuse(`--set ${name} takes a number, or ${name}=default.`);
  return { ...before, [name]: Number(value) };
}

/** `tessera source thresholds <name>`: from when on a source wants looking at. */
export function registerThresholds(noun: Command, context: Context): void {
  leaf(noun, 'thresholds <name>', 'from when on a source wants looking at; set with --set')
    .option('--set <name=value>', 'a threshold, or name=default; can be given several times', addChange)
    .action(async (name: string, options: { json?: boolean; set?: Record<string, number | null> }) => {
      const api = await context.api();
      const path = `/v1/sources/${encodeURIComponent(name)}/health/thresholds`;
      const answer = options.set === undefined ? await api.get(path) : await api.put(path, options.set);
      if (options.json === true) {
        context.terminal.json(answer);
        return;
      }
      const values = objectOf(answer['thresholds']);
      context.terminal.table(
        ['threshold', 'value', 'default', 'about'],
        THRESHOLD_NAMES.map((threshold) => {
          const { standard, about } = THRESHOLDS[threshold];
          return [threshold, values[threshold], standard, about];
        }),
        'There are none.',
      );
    });
}
