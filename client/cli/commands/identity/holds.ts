import { Option, type Command } from 'commander';
import type { Answer } from '../../api.ts';
import { itemsOf, leaf, listOf, objectOf, type Context } from '../../context.ts';
import { cell } from '../../text.ts';

interface ListOptions {
  readonly json?: boolean;
  readonly kind?: string;
  readonly limit: string;
  readonly cursor?: string;
}

interface DecideOptions {
  readonly json?: boolean;
  readonly reason: string;
  readonly actor?: string;
  readonly to?: string;
}

function pathOf(id: string, ...rest: string[]): string {
  return ['/v1/identity/holds', encodeURIComponent(id), ...rest].join('/');
}

function identifiersText(hold: Record<string, unknown>): string {
  return listOf(hold['identifiers'])
    .map(({ identifier, type }) => (identifier === null ? `${cell(type)}:?` : cell(identifier)))
    .join(' and ');
}

function registerList(noun: Command, context: Context): void {
  leaf(noun, 'list', 'joins beyond the alarm or only suggested, shared devices, junk')
    .addOption(new Option('--kind <kind>', 'which').choices(['held', 'suggested', 'shared-device', 'junk']))
    .option('--limit <n>', 'how many', '50')
    .option('--cursor <cursor>', 'go on where a page ended')
    .action(async ({ json, kind, limit, cursor }: ListOptions) => {
      const answer = await (await context.api()).get('/v1/identity/holds', { kind, limit, cursor });
      if (json === true) {
        context.terminal.json(answer);
        return;
      }
      context.terminal.table(
        ['id', 'kind', 'identifiers', 'profile'],
        itemsOf(answer).map((hold) => [
          hold['holdId'],
          hold['kind'],
          identifiersText(hold),
          hold['profileId'],
        ]),
        'Nothing is on hold.',
      );
      if (typeof answer['cursor'] === 'string') context.terminal.line(`More: --cursor ${answer['cursor']}`);
    });
}

function show(context: Context, hold: Answer): void {
  const evidence = objectOf(hold['evidence']);
  context.terminal.heading(`${cell(hold['holdId'])}: ${cell(hold['kind'])}`);
  context.terminal.facts([
    ['identifiers', identifiersText(hold)],
    ['profile', hold['profileId']],
    ...(hold['evidence'] === null
      ? ([['seen with', hold['seenWith']]] as const)
      : ([
          ['seen by', `${cell(evidence['source'])} in ${cell(evidence['messageId'])}`],
          ['first seen', evidence['firstSeen']],
        ] as const)),
  ]);
}

function decide(
  context: Context,
  verdict: 'release' | 'dismiss',
): (id: string, options: DecideOptions) => Promise<void> {
  return async (id, { json, reason, actor, to }) => {
    const body = { reason, ...(actor !== undefined && { actor }), ...(to !== undefined && { to }) };
    const answer = await (await context.api()).post(pathOf(id, verdict), body);
    if (json === true) context.terminal.json(answer);
    else if (answer['statusUrl'] !== undefined)
      context.terminal.line(`Under way: decision ${cell(answer['decisionId'])}`);
    else
      context.terminal.line(
        `Decided as ${cell(answer['decisionId'])}. Profiles: ${cell(answer['profiles'])}`,
      );
  };
}

/** `tessera identity holds ...`: what the rules hold back until a person has looked at it. */
export function registerHolds(identity: Command, context: Context): void {
  const holds = identity.command('holds').description('what the rules hold back until a person decides');
  registerList(holds, context);
  leaf(holds, 'show <id>', 'one hold').action(async (id: string, { json }: { json?: boolean }) => {
    const answer = await (await context.api()).get(pathOf(id));
    if (json === true) context.terminal.json(answer);
    else show(context, answer);
  });
  leaf(holds, 'release <id>', 'one person all the same, for good')
    .requiredOption('--reason <text>', 'why; kept with the decision')
    .option('--to <id>', 'of a shared device or junk: whose it is, a profile id or type:value')
    .option('--actor <name>', 'who decides')
    .action(decide(context, 'release'));
  leaf(holds, 'dismiss <id>', 'two people, for good; of joins beyond the alarm')
    .requiredOption('--reason <text>', 'why; kept with the decision')
    .option('--actor <name>', 'who decides')
    .action(decide(context, 'dismiss'));
}
