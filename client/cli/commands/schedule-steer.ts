import { Option, type Command } from 'commander';
import { leaf, objectOf, type Context } from '../context.ts';
import { cell } from '../text.ts';
import { answerSchedule, OVERLAPS, schedulePath } from './schedule-show.ts';

interface Steering {
  readonly json?: boolean;
  readonly note?: string;
  readonly overlap?: string;
}

function registerPausing(noun: Command, context: Context): void {
  const verbs = {
    pause: 'start no more runs; one that goes on goes on',
    resume: 'start runs again',
  } as const;
  for (const verb of ['pause', 'resume'] as const) {
    leaf(noun, `${verb} <schedule>`, verbs[verb])
      .option('--note <text>', 'why, for whoever reads it next')
      .action(async (ref: string, { json, note }: Steering) => {
        const body = note === undefined ? {} : { note };
        answerSchedule(context, json, await (await context.api()).post(schedulePath(ref, verb), body));
      });
  }
}

function overlapOption(): Option {
  return new Option('--overlap <policy>', "when another run goes on (default: the schedule's own)").choices(
    OVERLAPS,
  );
}

/** `tessera schedule pause`, `resume`, `trigger`, `backfill` and `remove`. */
export function registerSteering(noun: Command, context: Context): void {
  registerPausing(noun, context);
  leaf(noun, 'trigger <schedule>', 'start a run now, paused or not')
    .addOption(overlapOption())
    .action(async (ref: string, { json, overlap }: Steering) => {
      const body = overlap === undefined ? {} : { overlap };
      const answer = await (await context.api()).post(schedulePath(ref, 'trigger'), body);
      const { workflowId } = objectOf(answer['run']);
      if (json === true) context.terminal.json(answer);
      else
        context.terminal.line(
          workflowId === undefined
            ? 'A run starts once the one before is through.'
            : `Started ${cell(workflowId)}.`,
        );
    });
  leaf(noun, 'backfill <schedule>', 'start the runs that were due from one moment to another')
    .requiredOption('--from <moment>', 'ISO 8601')
    .requiredOption('--to <moment>', 'ISO 8601')
    .addOption(overlapOption())
    .action(async (ref: string, options: Steering & { from: string; to: string }) => {
      const { json, from, to, overlap } = options;
      const body = { from, to, ...(overlap === undefined ? {} : { overlap }) };
      const answer = await (await context.api()).post(schedulePath(ref, 'backfill'), body);
      if (json === true) context.terminal.json(answer);
      else
        context.terminal.line(
          `Runs due from ${cell(answer['from'])} to ${cell(answer['to'])} are started; see: tessera schedule show ${cell(ref)}`,
        );
    });
  leaf(noun, 'remove <schedule>', 'remove a schedule; a run that goes on goes on').action(
    async (ref: string, { json }: Steering) => {
      const answer = await (await context.api()).remove(schedulePath(ref));
      if (json === true) context.terminal.json(answer);
      else context.terminal.line(`${cell(ref)} is removed.`);
    },
  );
}
