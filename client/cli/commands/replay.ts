import type { Command } from 'commander';
import type { Answer } from '../api.ts';
import { leaf, objectOf, type Context } from '../context.ts';
import { CliFailure, Misuse } from '../failure.ts';
import { isOver, registerReplaySteering, replayLine, showReplayed } from './replay-steer.ts';
import { statusPathOf, untilOver } from '../progress.ts';
import { cell, printable } from '../text.ts';

interface ReplayOptions {
  readonly json?: boolean;
  readonly source?: string;
  readonly mapping?: string;
  readonly mappingVersion?: string;
  readonly against?: string;
  readonly dryRun?: boolean;
  readonly from?: string;
  readonly to?: string;
  readonly detach?: boolean;
}

const FIELDS_SHOWN = 20;

function most(counts: unknown): string {
  const sorted = Object.entries(objectOf(counts)).sort(([, a], [, b]) => Number(b) - Number(a));
  const more = sorted.length > FIELDS_SHOWN ? ` and ${sorted.length - FIELDS_SHOWN} more` : '';
  return (
    sorted
      .slice(0, FIELDS_SHOWN)
      .map(([name, count]) => `${name} (${String(count)})`)
      .join(', ') + more
  );
}

function show(context: Context, found: Answer, isDryRun: boolean): void {
  const { terminal } = context;
  if (!isDryRun) {
    showReplayed(context, found);
    return;
  }
  terminal.facts([
    ['dry run', 'nothing was stored'],
    ['items', found['items']],
    ['the same', found['same']],
    ['changed', `${cell(found['changed'])}  ${most(found['fields'])}`],
    ['taken now', `${cell(found['mended'])}  ${most(found['mendedBy'])}`],
    ['refused now', `${cell(found['broken'])}  ${most(found['brokenBy'])}`],
    ['refused by both', found['refused']],
  ]);
}

/** `tessera replay`: another version of a mapping on what a source has sent before; runs are shown and steered below it. */
export function registerReplay(program: Command, context: Context): void {
  const replay = leaf(
    program,
    'replay',
    'map all that a source sent again by another version of a mapping, or try it',
  )
    // Checked by hand: commands below this one need neither.
    .option('--source <name>', 'whose raw items; needed')
    .option('--mapping-version <n>', 'the version to go through; needed')
    .option('--mapping <name>', "the mapping (default: the source's own)")
    .option('--against <ref>', 'NAME@VERSION to compare a dry run with (default: the version before)')
    .option('--dry-run', 'say what would differ, store nothing')
    .option('--from <time>', 'only items received at this moment or later')
    .option('--to <time>', 'only items received before this moment')
    .option('--detach', "don't wait until it is done")
    .action(async (options: ReplayOptions) => {
      const { source, mappingVersion, against, from, to, dryRun = false } = options;
      if (source === undefined || mappingVersion === undefined)
        throw new Misuse('Give --source and --mapping-version.');
      if (!/^\d{1,9}$/.test(mappingVersion)) throw new Misuse('--mapping-version must be a number.');
      const api = await context.api();
      const own =
        options.mapping ?? cell((await api.get(`/v1/sources/${encodeURIComponent(source)}`))['mapping']);
      let answer = await api.post('/v1/replays', {
        source,
        mapping: `${own.split('@')[0] ?? own}@${mappingVersion}`,
        dryRun,
        ...(against === undefined ? {} : { against }),
        ...(from === undefined ? {} : { from }),
        ...(to === undefined ? {} : { to }),
      });
      const path = statusPathOf(answer);
      if (path !== undefined && options.detach !== true)
        answer = await untilOver(api, path, isOver, (progress) => {
          if (context.notes.isTTY) context.notes.write(replayLine(progress));
        });
      if (context.notes.isTTY && path !== undefined) context.notes.write('\n');
      if (options.json === true) context.terminal.json(answer);
      else if (isOver(answer)) show(context, answer, dryRun);
      else {
        context.terminal.line(`Started ${printable(cell(answer['workflowId']))}.`);
        context.terminal.line(`  See: npx tessera replay show ${source} ${cell(answer['runId'])}`);
      }
      if (answer['status'] === 'failed') throw new CliFailure(`The replay failed: ${cell(answer['error'])}.`);
    });
  registerReplaySteering(replay, context);
}
