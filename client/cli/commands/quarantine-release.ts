import type { Command } from 'commander';
import type { Answer, Api } from '../api.ts';
import { leaf, type Context } from '../context.ts';
import { Misuse } from '../failure.ts';
import { jsonIn } from '../json-file.ts';
import { statusPathOf, untilOver } from '../progress.ts';
import { cell, printable } from '../text.ts';

/** Where an entry, or something of it, is in the API. */
export function pathOf(id: string, ...rest: string[]): string {
  return ['/v1/quarantine', encodeURIComponent(id), ...rest].join('/');
}

interface ReleaseOptions {
  readonly json?: boolean;
  readonly source?: string;
  readonly code?: string;
  readonly from?: string;
  readonly to?: string;
  readonly mapping?: string;
  readonly patch?: string;
  readonly detach?: boolean;
}

/** The options by which many entries are named. */
function many(command: Command): Command {
  return command
    .option('--source <name>', 'all that is held of this source')
    .option('--code <code>', 'all that is held for this reason')
    .option('--from <time>', 'all that was quarantined at this moment or later')
    .option('--to <time>', 'all that was quarantined before this moment')
    .option(
      '--mapping <name>',
      'the mapping to go through, NAME or NAME@VERSION (default: the newest version)',
    )
    .option('--detach', "don't wait until all are through");
}

function filterOf({ source, code, from, to }: ReleaseOptions): Record<string, string> | undefined {
  const given = Object.entries({ source, code, from, to }).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  return given.length === 0 ? undefined : Object.fromEntries(given);
}

async function releaseMany(
  api: Api,
  context: Context,
  options: ReleaseOptions,
  body: Record<string, unknown>,
): Promise<void> {
  const { mapping } = options;
  let answer: Answer = await api.post('/v1/quarantine/release', {
    ...body,
    ...(mapping === undefined ? {} : { mapping }),
  });
  const path = statusPathOf(answer);
  if (path !== undefined && options.detach !== true)
    answer = await untilOver(
      api,
      path,
      ({ status }) => status === 'done',
      ({ released }) => {
        if (context.notes.isTTY) context.notes.write(`\r  ${cell(released)} released`);
      },
    );
  const { terminal } = context;
  if (options.json === true) terminal.json(answer);
  else if (answer['status'] === 'done') {
    terminal.facts([
      ['released', answer['released']],
      ['in quarantine again', answer['heldAgain']],
      ...(answer['gone'] === 0 ? [] : [['original is gone', answer['gone']] as const]),
      ...(answer['tooDeep'] === 0 ? [] : [['nested too deeply', answer['tooDeep']] as const]),
    ]);
    if (answer['heldAgain'] !== 0) terminal.line('See why: npx tessera quarantine list --status held');
  } else terminal.line(`Started ${printable(cell(answer['workflowId']))}.`);
}

/** The ways out of quarantine: `release` and `fix`, for one entry or for many. */
export function registerWaysBack(noun: Command, context: Context): void {
  many(
    leaf(
      noun,
      'release [id]',
      'send an item through the normal way again, or all of a source, reason or time',
    ),
  ).action(async (id: string | undefined, options: ReleaseOptions) => {
    const filter = filterOf(options);
    if ((filter === undefined) === (id === undefined))
      throw new Misuse('Name either one item, or --source, --code, --from or --to.');
    const api = await context.api();
    if (filter !== undefined) return releaseMany(api, context, options, filter);
    await releaseOne(api, context, id ?? '', options, {});
    return undefined;
  });
  many(
    leaf(
      noun,
      'fix [id] [file]',
      'send what is in a JSON file in the place of an item; or change many by --patch. The originals are kept',
    ),
  )
    .option('--patch <file>', 'a JSON Merge Patch for the items of --source, --code, --from or --to')
    .action(async (id: string | undefined, file: string | undefined, options: ReleaseOptions) => {
      const filter = filterOf(options);
      const isMany = filter !== undefined && options.patch !== undefined && id === undefined;
      const isOne = filter === undefined && options.patch === undefined && file !== undefined;
      if (!isMany && !isOne)
        throw new Misuse('Name either one item and a file, or many by --source or --code with --patch.');
      if (filter !== undefined && options.patch !== undefined) {
        const patch = await jsonIn(options.patch, 'Put the members to change into it, as a JSON object.');
        return releaseMany(await context.api(), context, options, { ...filter, patch });
      }
      const replacement = await jsonIn(file ?? '', 'Put the corrected item into it, as JSON.');
      await releaseOne(await context.api(), context, id ?? '', options, { replacement });
      return undefined;
    });
}

async function releaseOne(
  api: Api,
  context: Context,
  id: string,
  { mapping, json }: ReleaseOptions,
  body: Record<string, unknown>,
): Promise<void> {
  const answer = await api.post(pathOf(id, 'release'), {
    ...body,
    ...(mapping === undefined ? {} : { mapping }),
  });
  const how = 'replacement' in body ? 'on its way as corrected' : 'on its way again';
  if (json === true) context.terminal.json(answer);
  else context.terminal.line(`${printable(id)} is ${how}. It comes back here if it can't go on.`);
}
