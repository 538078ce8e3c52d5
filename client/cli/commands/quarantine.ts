import type { Command } from 'commander';
import { itemsOf, leaf, listOf, objectOf, type Context } from '../context.ts';
import { Misuse } from '../failure.ts';
import { cell, jsonText } from '../text.ts';
import { wholeList } from '../whole-list.ts';
import { pathOf, registerWaysBack } from './quarantine-release.ts';

interface Json {
  readonly json?: boolean;
}

function registerList(noun: Command, context: Context): void {
  leaf(noun, 'list', 'items that could not go on, and why')
    .option('--source <name>', 'only of this source')
    .option('--code <code>', 'only with this reason')
    .option('--status <status>', 'held or released')
    .option('--from <time>', 'quarantined at this moment or later')
    .option('--to <time>', 'quarantined before this moment')
    .option('--limit <n>', 'how many', '50')
    .option('--cursor <cursor>', 'go on where a page ended')
    .action(
      async (
        options: Json &
          Record<'source' | 'code' | 'status' | 'from' | 'to' | 'limit' | 'cursor', string | undefined>,
      ) => {
        const { json, ...query } = options;
        const answer = await (await context.api()).get('/v1/quarantine', query);
        if (json === true) {
          context.terminal.json(answer);
          return;
        }
        context.terminal.table(
          ['id', 'source', 'since', 'status', 'reason', 'detail'],
          itemsOf(answer).map((entry) => {
            const { code: reason, detail } = objectOf(entry['reason']);
            return [entry['id'], entry['source'], entry['quarantinedAt'], entry['status'], reason, detail];
          }),
          'Nothing is in quarantine.',
        );
        if (typeof answer['cursor'] === 'string') context.terminal.line(`More: --cursor ${answer['cursor']}`);
      },
    );
}

function registerCounts(noun: Command, context: Context): void {
  leaf(noun, 'counts', 'how much went to quarantine, by source and reason over time')
    .option('--source <name>', 'only of this source')
    .option('--from <time>', 'received at this moment or later (default: a week ago)')
    .option('--to <time>', 'received up to this moment')
    .option('--by <period>', 'hour or day', 'day')
    .action(async (options: Json & Record<'source' | 'from' | 'to' | 'by', string | undefined>) => {
      const { json, ...query } = options;
      const answer = await wholeList(await context.api(), '/v1/quarantine/counts', query);
      if (json === true) {
        context.terminal.json(answer);
        return;
      }
      const chars = options.by === 'hour' ? 13 : 10;
      context.terminal.table(
        ['source', 'reason', 'items', 'when'],
        itemsOf(answer).map((found) => [
          found['source'],
          found['code'],
          found['count'],
          listOf(found['periods'])
            .map(({ from, count }) => `${cell(from).slice(0, chars)}: ${cell(count)}`)
            .join(', '),
        ]),
        'Nothing went to quarantine.',
      );
    });
}

function daysOf(value: string): number | null {
  if (value === 'forever') return null;
  const days = /^P?(\d{1,4})D?$/i.exec(value)?.[1];
  if (days === undefined || Number(days) < 1)
    throw new Misuse('A retention is a number of days, such as P90D, or forever.');
  return Number(days);
}

function registerRetention(noun: Command, context: Context): void {
  leaf(noun, 'retention', 'for how long entries are kept; with options, change it')
    .option('--held <days>', 'of what nobody decided on: P365D, or forever', daysOf)
    .option('--released <days>', 'of what was released: P90D', daysOf)
    .action(async (options: Json & { held?: number | null; released?: number | null }) => {
      const api = await context.api();
      const { held, released, json } = options;
      let kept = await api.get('/v1/quarantine/retention');
      if (released === null) throw new Misuse('--released takes a number of days.');
      if (held !== undefined || released !== undefined)
        kept = await api.post('/v1/quarantine/retention', {
          heldDays: held === undefined ? kept['heldDays'] : held,
          releasedDays: released ?? kept['releasedDays'],
        });
      if (json === true) context.terminal.json(kept);
      else
        context.terminal.facts([
          ['held', kept['heldDays'] === null ? 'for good' : `${cell(kept['heldDays'])} days`],
          ['released', `${cell(kept['releasedDays'])} days`],
        ]);
    });
}

/** `tessera quarantine ...`: what could not go on, and its way back. */
export function registerQuarantine(program: Command, context: Context): void {
  const noun = program.command('quarantine').description('items that could not go on; nothing in it is lost');
  registerList(noun, context);
  leaf(noun, 'show <id>', 'one item as it came, and why it is here').action(
    async (id: string, options: Json) => {
      const entry = await (await context.api()).get(pathOf(id));
      if (options.json === true) {
        context.terminal.json(entry);
        return;
      }
      const { code, detail } = objectOf(entry['reason']);
      const { source, quarantinedAt, status, original } = entry;
      context.terminal.facts([
        ['source', source],
        ['since', quarantinedAt],
        ['status', status],
        ['reason', code],
        ['detail', detail],
      ]);
      context.terminal.line(jsonText(original));
    },
  );
  registerCounts(noun, context);
  registerRetention(noun, context);
  registerWaysBack(noun, context);
}
