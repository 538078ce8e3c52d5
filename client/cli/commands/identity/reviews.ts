import { Option, type Command } from 'commander';
import type { Answer } from '../../api.ts';
import { itemsOf, leaf, listOf, objectOf, type Context } from '../../context.ts';
import { cell } from '../../text.ts';
import { showWaterfall } from './waterfall.ts';

interface Options {
  readonly json?: boolean;
  readonly state: string;
  readonly limit: string;
  readonly cursor?: string;
}

interface DecideOptions {
  readonly json?: boolean;
  readonly reason: string;
  readonly actor?: string;
}

function pathOf(id: string, ...rest: string[]): string {
  return ['/v1/identity/reviews', encodeURIComponent(id), ...rest].join('/');
}

function registerList(noun: Command, context: Context): void {
  leaf(noun, 'list', 'pairs of records that may be one person, the likeliest first')
    .addOption(
      new Option('--state <state>', 'which').choices(['open', 'accepted', 'rejected']).default('open'),
    )
    .option('--limit <n>', 'how many', '50')
    .option('--cursor <cursor>', 'go on where a page ended')
    .action(async ({ json, state, limit, cursor }: Options) => {
      const answer = await (await context.api()).get('/v1/identity/reviews', { state, limit, cursor });
      if (json === true) {
        context.terminal.json(answer);
        return;
      }
      context.terminal.table(
        ['id', 'state', 'probability', 'run', 'decisions'],
        itemsOf(answer).map((item) => [
          item['id'],
          item['state'],
          Number(item['probability']).toFixed(4),
          item['runId'],
          listOf(item['decisions']).length,
        ]),
        'No pair is waiting.',
      );
      if (typeof answer['cursor'] === 'string') context.terminal.line(`More: --cursor ${answer['cursor']}`);
    });
}

function showPair(context: Context, answer: Answer): void {
  const { terminal } = context;
  const [a, b] = [objectOf(answer['a']), objectOf(answer['b'])];
  const [one, two] = [objectOf(a['person']), objectOf(b['person'])];
  terminal.heading(`${cell(a['identifier'])} and ${cell(b['identifier'])}: ${cell(answer['state'])}`);
  terminal.table(
    ['field', 'this', 'and this'],
    [...new Set([...Object.keys(one), ...Object.keys(two)])].map((field) => [field, one[field], two[field]]),
    'Nothing is known of either.',
  );
  terminal.line();
  showWaterfall(context, objectOf(answer['waterfall']));
  for (const { state, by, reason, at } of listOf(answer['decisions']))
    terminal.line(`${cell(state)} by ${cell(by)} at ${cell(at)}: ${cell(reason)}`);
}

function registerDecisions(noun: Command, context: Context): void {
  const verdicts = { accept: 'both are one person, for good', reject: 'they are two people, for good' };
  for (const [verdict, meaning] of Object.entries(verdicts)) {
    leaf(noun, `${verdict} <id>`, meaning)
      .requiredOption('--reason <text>', 'why; kept with the decision')
      .option('--actor <name>', 'who decides')
      .action(async (id: string, { json, reason, actor }: DecideOptions) => {
        const body = { reason, ...(actor !== undefined && { actor }) };
        const answer = await (await context.api()).post(pathOf(id, verdict), body);
        if (json === true) context.terminal.json(answer);
        else context.terminal.line(`${cell(answer['state'])}. Profiles: ${cell(answer['profiles'])}`);
      });
  }
}

/** `tessera identity reviews ...`: pairs that only a person can decide. */
export function registerReviews(noun: Command, context: Context): void {
  const reviews = noun.command('reviews').description('pairs of records that only a person can decide');
  registerList(reviews, context);
  leaf(reviews, 'show <id>', 'both records, and what each comparison says').action(
    async (id: string, { json }: { json?: boolean }) => {
      const answer = await (await context.api()).get(pathOf(id));
      if (json === true) context.terminal.json(answer);
      else showPair(context, answer);
    },
  );
  registerDecisions(reviews, context);
}
