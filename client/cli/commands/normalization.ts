import { Option, type Command } from 'commander';
import type { Answer } from '../api.ts';
import { leaf, objectOf, type Context } from '../context.ts';
import { Misuse } from '../failure.ts';

const PATH = '/v1/normalization';

interface Options {
  readonly json?: boolean;
  readonly mailboxes?: 'on' | 'off';
  readonly country?: string;
  readonly source?: string;
}

function show(context: Context, answer: Answer, { json }: Options): void {
  if (json === true) {
    context.terminal.json(answer);
    return;
  }
  context.terminal.facts([
    ['version', answer['version']],
    ['newest version', answer['newest']],
    ['mailboxes', answer['mailboxes']],
    ['country', answer['defaultCountry'] ?? 'none'],
    ...Object.entries(objectOf(answer['countries'])).map(
      ([source, country]) => [`country of ${source}`, country] as const,
    ),
  ]);
}

function changeOf({ mailboxes, country, source }: Options): object {
  if (mailboxes === undefined && country === undefined) throw new Misuse('Name --mailboxes or --country.');
  if (source !== undefined && country === undefined)
    throw new Misuse('--source goes with --country, and only with it.');
  const of = country === 'none' ? null : country?.toUpperCase();
  if (of === null && source === undefined)
    throw new Misuse('--country none goes with --source: the tenant keeps its country.');
  return {
    ...(mailboxes === undefined ? {} : { mailboxes: mailboxes === 'on' }),
    ...(of === undefined
      ? {}
      : source === undefined
        ? { defaultCountry: of }
        : { countries: { [source]: of } }),
  };
}

/** `tessera normalization ...`: how the identifiers of events are read. */
export function registerNormalization(program: Command, context: Context): void {
  const noun = program.command('normalization').description('how the identifiers of events are read');
  leaf(noun, 'show', 'the settings').action(async (options: Options) => {
    show(context, await (await context.api()).get(PATH), options);
  });
  leaf(noun, 'set', 'change how the identifiers of events to come are read')
    .addOption(
      new Option('--mailboxes <switch>', 'link addresses of one mailbox: dots and plus tags').choices([
        'on',
        'off',
      ]),
    )
    .option('--country <code>', 'of phone numbers without a prefix, such as CH; none with --source')
    .option('--source <name>', 'whose country it is, instead of every source')
    .action(async (options: Options) => {
      show(context, await (await context.api()).post(PATH, changeOf(options)), options);
    });
}
