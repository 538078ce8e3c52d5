import { Option, type Command } from 'commander';
import { itemsOf, leaf, listOf, objectOf, type Context } from '../context.ts';
import { Misuse } from '../failure.ts';
import { placeOf } from '../place.ts';
import { cell } from '../text.ts';
import { wholeList } from '../whole-list.ts';
import { answerSchedule, OVERLAPS, schedulePath, stateText, timingText } from './schedule-show.ts';
import { registerSteering } from './schedule-steer.ts';

/** What each run of a schedule can do. */
const ACTIONS = ['sync', 'import'];
/** Options that an action takes, by the names that the API has for them. */
const ACTION_OPTIONS = ['folder', 'mapping', 'pattern', 'settle'] as const;

interface CreateOptions {
  readonly json?: boolean;
  readonly action: string;
  readonly every?: string;
  readonly offset?: string;
  readonly cron?: string[];
  readonly timeZone?: string;
  readonly jitter?: string;
  readonly overlap?: string;
  readonly catchup?: string;
  readonly paused?: boolean;
  readonly note?: string;
  readonly folder?: string;
  readonly mapping?: string;
  readonly pattern?: string;
  readonly settle?: string;
}

function registerReading(noun: Command, context: Context): void {
  leaf(noun, 'list', 'all schedules, and when each runs next')
    .option('--source <name>', 'those of one source')
    .action(async (options: { json?: boolean; source?: string }) => {
      const answer = await wholeList(await context.api(), '/v1/schedules', { source: options.source });
      if (options.json === true) {
        context.terminal.json(answer);
        return;
      }
      context.terminal.table(
        ['schedule', 'does', 'when', 'state', 'next', 'last'],
        itemsOf(answer).map((one) => {
          const live = objectOf(one['live']);
          const next: unknown = Array.isArray(live['nextRuns']) ? live['nextRuns'][0] : undefined;
          return [
            `${cell(one['source'])}/${cell(one['name'])}`,
            objectOf(one['action'])['kind'],
            timingText(one),
            stateText(one),
            live['paused'] === true ? undefined : next,
            listOf(live['recentRuns'])[0]?.['startedAt'],
          ];
        }),
        'There are no schedules.',
      );
    });
  leaf(noun, 'show <schedule>', 'one schedule, named source/name: next, recent and running runs').action(
    async (ref: string, options: { json?: boolean }) => {
      answerSchedule(context, options.json, await (await context.api()).get(schedulePath(ref)));
    },
  );
}

function collect(value: string, before: string[] | undefined): string[] {
  return [...(before ?? []), value];
}

function registerCreate(noun: Command, context: Context): void {
  leaf(noun, 'create <schedule>', 'create a schedule, named source/name, or replace what it is set to')
    .addOption(new Option('--action <kind>', 'what each run does').choices(ACTIONS).default('sync'))
    .option('--folder <place>', 'of an import: a drop folder, or s3://bucket/prefix')
    .option('--mapping <name>', "of an import (default: the source's own)")
    .option('--pattern <pattern>', 'of an import: names of files, such as *.csv.gz')
    .option('--settle <duration>', 'of an import: leave files alone that were just touched (default: PT1M)')
    .option('--every <duration>', 'interval as ISO 8601, such as PT1H')
    .option('--offset <duration>', 'moves the interval, such as PT15M')
    .option('--cron <expression>', 'instead of an interval; can be given several times', collect)
    .option('--time-zone <name>', 'of the cron expressions, such as Europe/Berlin (default: UTC)')
    .option('--jitter <duration>', 'start at random up to so much later')
    .addOption(
      new Option('--overlap <policy>', 'when a run is due and one goes on (default: skip)').choices(OVERLAPS),
    )
    .option('--catchup <duration>', 'make up for runs missed within this (default: PT1H)')
    .option('--paused', 'create it paused')
    .option('--note <text>', 'why, for whoever reads it next')
    .action(async (ref: string, options: CreateOptions) => {
      const { json, action, catchup, folder, mapping, pattern, settle, ...rest } = options;
      if ((rest.every === undefined) === (rest.cron === undefined)) {
        throw new Misuse('Say when: --every with a duration, or --cron with an expression.');
      }
      const body = {
        ...rest,
        action: actionOf(action, { folder, mapping, pattern, settle }),
        ...(catchup === undefined ? {} : { catchupWindow: catchup }),
      };
      answerSchedule(context, json, await (await context.api()).put(schedulePath(ref), body));
    });
}

/** What each run does, with the options that belong to it. */
function actionOf(
  kind: string,
  given: Readonly<Partial<Record<(typeof ACTION_OPTIONS)[number], string | undefined>>>,
): object {
  const named = ACTION_OPTIONS.filter((name) => given[name] !== undefined);
  const [stray] = named;
  if (kind !== 'import' && stray !== undefined)
    throw new Misuse(`--${stray} belongs to an import: add --action import.`);
  if (kind === 'import' && given.folder === undefined)
    throw new Misuse('Say which folder is watched: --folder with a path, or with s3://bucket/prefix.');
  const fields = named.map((name) => [name, name === 'folder' ? placeOf(given[name] ?? '') : given[name]]);
  return { kind, ...(Object.fromEntries(fields) as Record<string, unknown>) };
}

/** `tessera schedule ...`: what runs by itself, and when. */
export function registerSchedule(program: Command, context: Context): void {
  const noun = program.command('schedule').description('what runs by itself, and when');
  registerReading(noun, context);
  registerCreate(noun, context);
  registerSteering(noun, context);
}
