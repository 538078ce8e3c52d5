import type { Command } from 'commander';
import type { Answer, Query } from '../api.ts';
import { itemsOf, leaf, objectOf, type Context } from '../context.ts';
import { cell } from '../text.ts';
import { registerDecisions } from './profile-decide.ts';
import { registerEvent } from './profile-event.ts';
import { registerExplain } from './profile-explain.ts';
import { registerIds } from './profile-ids.ts';

interface Options {
  readonly json?: boolean;
  readonly asOf?: string;
  readonly knownAt?: string;
}

function pathOf(address: string, ...rest: string[]): string {
  return ['/v1/profiles', encodeURIComponent(address), ...rest].join('/');
}

function identifiersOf({ identifiers }: Answer): string {
  return Array.isArray(identifiers) ? identifiers.map(cell).join(', ') : '';
}

function consentText(choice: unknown): unknown {
  return objectOf(choice)['status'] ?? choice;
}

function showProfile(context: Context, profile: Answer): void {
  const { terminal } = context;
  const computed = objectOf(profile['computed']);
  terminal.heading(cell(profile['profileId']));
  terminal.facts([
    ['identifiers', identifiersOf(profile)],
    ...Object.entries(objectOf(profile['consent'])).map(
      ([purpose, choice]) => [`consent ${purpose}`, consentText(choice)] as const,
    ),
    ['events', computed['events']],
    ['first seen', computed['firstSeen']],
    ['last seen', computed['lastSeen']],
    ['complete since', profile['completeSince']],
  ]);
  terminal.line();
  const sources = objectOf(profile['traitSources']);
  terminal.table(
    ['trait', 'value', 'by', 'source', 'time', 'message'],
    Object.entries(objectOf(profile['traits'])).map(([name, trait]) => {
      const { policy, source, at, messageId } = objectOf(sources[name]);
      return [name, trait, policy, source, at, messageId];
    }),
    'No traits.',
  );
  terminal.line();
  terminal.table(
    ['event', 'times', 'first', 'last', 'sums'],
    Object.entries(objectOf(computed['byEvent'])).map(([name, counter]) => {
      const { count, first, last, sums } = objectOf(counter);
      const totals = Object.entries(objectOf(sums)).map(([property, sum]) => `${property} ${cell(sum)}`);
      return [name, count, first, last, totals.join(', ')];
    }),
    'No events.',
  );
}

function fetchProfile(context: Context, address: string, path: string[], query: Query): Promise<Answer> {
  return context.api().then((api) => api.get(pathOf(address, ...path), query));
}

function showCursor(context: Context, answer: Answer): void {
  if (typeof answer['cursor'] === 'string') context.terminal.line(`More: --cursor ${answer['cursor']}`);
}

function registerShow(noun: Command, context: Context): void {
  leaf(noun, 'show <address>', 'one person: by profile id or any identifier, as in email:jane@example.com')
    .option('--as-of <time>', 'with the events up to then')
    .option('--known-at <time>', 'with what was recorded by then')
    .action(async (address: string, options: Options) => {
      const { asOf, knownAt } = options;
      const profile = await fetchProfile(context, address, [], { asOf, knownAt });
      if (options.json === true) context.terminal.json(profile);
      else showProfile(context, profile);
    });
}

function registerEvents(noun: Command, context: Context): void {
  leaf(noun, 'events <address>', 'the timeline, newest first')
    .option('--event <name>', 'only events of this name')
    .option('--source <name>', 'only events of this source')
    .option('--from <time>', 'from then on')
    .option('--to <time>', 'before then')
    .option('--as-of <time>', 'with the events up to then')
    .option('--known-at <time>', 'with what was recorded by then')
    .option('--limit <n>', 'how many', '50')
    .option('--cursor <cursor>', 'go on where a page ended')
    .action(async (address: string, options: Options & Record<string, string | undefined>) => {
      const { event, source, from, to, asOf, knownAt, limit, cursor } = options;
      const query = { event, source, from, to, asOf, knownAt, limit, cursor };
      const answer = await fetchProfile(context, address, ['events'], query);
      if (options.json === true) {
        context.terminal.json(answer);
        return;
      }
      context.terminal.table(
        ['time', 'event', 'source', 'message', 'properties'],
        itemsOf(answer).map((item) => {
          const details = { ...objectOf(item['properties']), ...objectOf(item['traits']) };
          const { timestamp, event: named, source: from, messageId } = item;
          return [timestamp, named, from, messageId, detailText(details)];
        }),
        'No events.',
      );
      showCursor(context, answer);
    });
}

function detailText(details: Record<string, unknown>): string {
  return Object.entries(details)
    .map(([name, value]) => `${name} ${cell(value)}`)
    .join(', ');
}

function registerHistory(noun: Command, context: Context): void {
  leaf(noun, 'history <address>', 'what changed, when, because of which event; newest first')
    .option('--limit <n>', 'how many', '50')
    .option('--cursor <cursor>', 'go on where a page ended')
    .action(async (address: string, options: Options & { limit: string; cursor?: string }) => {
      const { limit, cursor } = options;
      const answer = await fetchProfile(context, address, ['history'], { limit, cursor });
      if (options.json === true) {
        context.terminal.json(answer);
        return;
      }
      context.terminal.table(
        ['time', 'what', 'before', 'after', 'source', 'message'],
        itemsOf(answer).map((item) =>
          ['at', 'path', 'before', 'after', 'source', 'messageId'].map((key) => item[key]),
        ),
        'Nothing has changed.',
      );
      showCursor(context, answer);
    });
}

/** `tessera profile ...`: what is known of one person, and why. */
export function registerProfile(program: Command, context: Context): void {
  const noun = program.command('profile').description('what is known of one person, and why');
  registerShow(noun, context);
  registerEvents(noun, context);
  registerEvent(noun, context);
  registerExplain(noun, context);
  registerHistory(noun, context);
  registerDecisions(noun, context);
  registerIds(noun, context);
}
