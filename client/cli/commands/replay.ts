import type { Command } from 'commander';
import type { Answer } from '../api.ts';
import { leaf, objectOf, type Context } from '../context.ts';
import { Misuse } from '../failure.ts';
import { statusPathOf, untilOver } from '../progress.ts';
import { cell, printable } from '../text.ts';

interface ReplayOptions {
  readonly json?: boolean;
  readonly source: string;
  readonly mapping?: string;
  readonly mappingVersion: string;
  readonly against?: string;
  readonly dryRun?: boolean;
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
    terminal.facts([
      ['released', found['released']],
      ['in quarantine again', found['heldAgain']],
    ]);
    terminal.line('Events that were stored stay as they are: see what would differ with --dry-run.');
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

/** `tessera replay`: another version of a mapping on what a source has sent before. */
export function registerReplay(program: Command, context: Context): void {
  leaf(
    program,
    'replay',
    'try a version of a mapping on all that a source sent; send what is held through it',
  )
    .requiredOption('--source <name>', 'whose raw items')
    .requiredOption('--mapping-version <n>', 'the version to go through')
    .option('--mapping <name>', "the mapping (default: the source's own)")
    .option('--against <ref>', 'NAME@VERSION to compare a dry run with (default: the version before)')
    .option('--dry-run', 'say what would differ, store nothing')
    .option('--detach', "don't wait until it is done")
    .action(async (options: ReplayOptions) => {
      const { source, mappingVersion, against, dryRun = false } = options;
      if (!/^\d{1,9}$/.test(mappingVersion)) throw new Misuse('--mapping-version must be a number.');
      const api = await context.api();
      const own =
        options.mapping ?? cell((await api.get(`/v1/sources/${encodeURIComponent(source)}`))['mapping']);
      let answer = await api.post('/v1/replays', {
        source,
        mapping: `${own.split('@')[0] ?? own}@${mappingVersion}`,
        dryRun,
        ...(against === undefined ? {} : { against }),
      });
      const path = statusPathOf(answer);
      if (path !== undefined && options.detach !== true)
        answer = await untilOver(api, path, ({ status }) => status === 'done');
      if (options.json === true) context.terminal.json(answer);
      else if (answer['status'] === 'done') show(context, answer, dryRun);
      else context.terminal.line(`Started ${printable(cell(answer['workflowId']))}.`);
    });
}
