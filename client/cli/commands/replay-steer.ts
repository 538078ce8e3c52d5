import type { Command } from 'commander';
import type { Answer } from '../api.ts';
import { leaf, type Context } from '../context.ts';
import { patientGet, untilOver } from '../progress.ts';
import { cell, printable } from '../text.ts';

/** Tells what a run did. */
export function showReplayed({ terminal }: Context, found: Answer): void {
  const some = (label: string, name: string): (readonly [string, unknown])[] =>
    found[name] === 0 ? [] : [[label, found[name]]];
  terminal.facts([
    ['replay', found['isPaused'] === true ? `${cell(found['status'])}, paused` : found['status']],
    ...(isOver(found)
      ? []
      : [['slices', `${cell(found['slicesDone'])} of ${cell(found['slices'])}`] as const]),
    ...(found['error'] === undefined ? [] : [['why', found['error']] as const]),
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
export function replayLine({ status, isPaused, slices, slicesDone, items, corrected }: Answer): string {
  const [done, all] = [Number(slicesDone ?? 0), Number(slices ?? 0)];
  const filled = all === 0 ? 0 : Math.round((BAR_CHARS * done) / all);
  const bar = '#'.repeat(filled).padEnd(BAR_CHARS, '.');
  const tell =
    corrected === undefined ? `${cell(items)} items` : `${cell(corrected)} of ${cell(items)} items corrected`;
  return `\r  [${bar}] ${isPaused === true ? 'paused' : cell(status)}: ${tell}  `;
}

/** Whether a run is over, whatever came of it. */
export function isOver({ status }: Answer): boolean {
  return status === 'done' || status === 'cancelled' || status === 'failed';
}

const STEERING = {
  pause: ['wait once the slice at hand is done', 'is paused once the slice at hand is done'],
  resume: ['go on after a pause', 'goes on'],
  cancel: [
    'end once the slice at hand is done; what was corrected stays',
    'ends once the slice at hand is done. What it corrected stays; replaying the former version takes that back',
  ],
} as const;

function pathOf(...parts: string[]): string {
  return ['/v1/replays', ...parts.map((part) => encodeURIComponent(part))].join('/');
}

/** `tessera replay show`, `pause`, `resume` and `cancel`. */
export function registerReplaySteering(replay: Command, context: Context): void {
  // `--json` is `replay`'s own option too, and taken there.
  const wantsJson = (command: Command): boolean =>
    command.optsWithGlobals<{ json?: boolean }>().json === true;
  leaf(replay, 'show <source> <run>', 'how far a replay is, and what it did; exit 1 where it failed')
    .option('--wait', 'wait until it is over')
    .action(async (source: string, run: string, { wait }: { wait?: boolean }, command: Command) => {
      const api = await context.api();
      const path = pathOf(source, run);
      const { notes } = context;
      const show = (progress: Answer): void => {
        if (notes.isTTY) notes.write(replayLine(progress));
      };
      const found = wait === true ? await untilOver(api, path, isOver, show) : await patientGet(api, path);
      if (wait === true && notes.isTTY) notes.write('\n');
      if (wantsJson(command)) context.terminal.json(found);
      else if ('corrected' in found) showReplayed(context, found);
      else
        context.terminal.facts([
          ['dry run', found['status']],
          ['items', found['items']],
        ]);
      if (found['status'] === 'failed') context.fail();
    });
  for (const [verb, [description, done]] of Object.entries(STEERING))
    leaf(replay, `${verb} <source> <run>`, description).action(
      async (source: string, run: string, _options: unknown, command: Command) => {
        const answer = await (await context.api()).post(pathOf(source, run, verb), {});
        if (wantsJson(command)) context.terminal.json(answer);
        else context.terminal.line(`Replay ${printable(run)} of ${printable(source)} ${done}.`);
      },
    );
}
