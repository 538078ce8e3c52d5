import type { Command } from 'commander';
import type { Answer } from '../api.ts';
import { leaf, objectOf, type Context } from '../context.ts';
import { CliFailure, Misuse } from '../failure.ts';
import { statusPathOf, untilOver } from '../progress.ts';
import { cell, printable } from '../text.ts';

interface ReplayOptions {
  readonly json?: boolean;
  readonly source: string;
  readonly mapping?: string;
  readonly mappingVersion: string;
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

function showReplayed({ terminal }: Context, found: Answer): void {
  const some = (label: string, name: string): (readonly [string, unknown])[] =>
    found[name] === 0 ? [] : [[label, found[name]]];
  terminal.facts([
    ['replay', found['status']],
    ['items', found['items']],
    ['the same', found['same']],
    ['corrected', found['corrected']],
    ['of them on other identifiers', found['moved']],
    ['refused', found['refused']],
    ...some('duplicates', 'duplicates'),
    ...some('not stored', 'skipped'),
    ...some('profiles too large to judge anew', 'left'),
    ['released', found['released']],
    ['in quarantine again', found['heldAgain']],
  ]);
  if (found['refused'] !== 0 || found['heldAgain'] !== 0)
    terminal.line('See why: npx tessera quarantine list --status held');
}

const BAR_CHARS = 30;

/** A run's progress as one line that is written over itself. */
function progressLine({ status, slices, slicesDone, items, corrected }: Answer): string {
  const [done, all] = [Number(slicesDone ?? 0), Number(slices ?? 0)];
  const filled = all === 0 ? 0 : Math.round((BAR_CHARS * done) / all);
  const bar = '#'.repeat(filled).padEnd(BAR_CHARS, '.');
  const tell =
    corrected === undefined ? `${cell(items)} items` : `${cell(corrected)} of ${cell(items)} items corrected`;
  return `\r  [${bar}] ${cell(status)}: ${tell}  `;
}

/** Where a run is over, whatever came of it. */
const OVER: readonly unknown[] = ['done', 'cancelled', 'failed'];

/** `tessera replay`: another version of a mapping on what a source has sent before. */
export function registerReplay(program: Command, context: Context): void {
  leaf(program, 'replay', 'map all that a source sent again by another version of a mapping, or try it')
    .requiredOption('--source <name>', 'whose raw items')
    .requiredOption('--mapping-version <n>', 'the version to go through')
    .option('--mapping <name>', "the mapping (default: the source's own)")
    .option('--against <ref>', 'NAME@VERSION to compare a dry run with (default: the version before)')
    .option('--dry-run', 'say what would differ, store nothing')
    .option('--from <time>', 'only items received at this moment or later')
    .option('--to <time>', 'only items received before this moment')
    .option('--detach', "don't wait until it is done")
    .action(async (options: ReplayOptions) => {
      const { source, mappingVersion, against, from, to, dryRun = false } = options;
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
        answer = await untilOver(
          api,
          path,
          ({ status }) => OVER.includes(status),
          (progress) => {
            if (context.notes.isTTY) context.notes.write(progressLine(progress));
          },
        );
      if (context.notes.isTTY && path !== undefined) context.notes.write('\n');
      if (options.json === true) context.terminal.json(answer);
      else if (OVER.includes(answer['status'])) show(context, answer, dryRun);
      else context.terminal.line(`Started ${printable(cell(answer['workflowId']))}.`);
      if (answer['status'] === 'failed') throw new CliFailure(`The replay failed: ${cell(answer['error'])}.`);
    });
}
