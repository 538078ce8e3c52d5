import { SingleBar } from 'cli-progress';
import type { Command } from 'commander';
import type { Answer, Api } from '../../api.ts';
import { leaf, type Context } from '../../context.ts';
import { ApiFailure, Misuse } from '../../failure.ts';
import { printable } from '../../text.ts';
import { showRun } from './show-run.ts';

interface LinkOptions {
  readonly json?: boolean;
  readonly source: string[];
  readonly type?: string;
  readonly dryRun?: boolean;
  readonly incremental?: boolean;
  readonly thresholdLink?: string;
  readonly thresholdReview?: string;
  readonly model?: string;
  readonly detach?: boolean;
}

const POLL_MS = 250;
/** A platform that restarts is waited for this long. */
const PATIENCE_MS = 120_000;

function probabilityOf(name: string, given: string | undefined): number | undefined {
  if (given === undefined) return undefined;
  const value = Number(given);
  if (given.trim() === '' || !(value >= 0 && value <= 1))
    throw new Misuse(`${name} must be a probability from 0 to 1, such as 0.9.`);
  return value;
}

function requestOf(options: LinkOptions): object {
  const { source: sources, type: recordType, model, dryRun = false, incremental = false } = options;
  const thresholdLink = probabilityOf('--threshold-link', options.thresholdLink);
  const thresholdReview = probabilityOf('--threshold-review', options.thresholdReview);
  return {
    sources,
    dryRun,
    mode: incremental ? 'incremental' : 'full',
    ...(recordType === undefined ? {} : { recordType }),
    ...(model === undefined ? {} : { model }),
    ...(thresholdLink === undefined ? {} : { thresholdLink }),
    ...(thresholdReview === undefined ? {} : { thresholdReview }),
  };
}

/** Reads once, over and over while the platform is away for a moment. */
async function patiently(api: Api, path: string): Promise<Answer> {
  const end = Date.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await api.get(path);
    } catch (error) {
      if (!(error instanceof ApiFailure) || !error.isPassing || Date.now() > end) throw error;
      await new Promise((again) => setTimeout(again, POLL_MS));
    }
  }
}

async function untilDone(api: Api, path: string, context: Context): Promise<Answer> {
  const bar = context.notes.isTTY
    ? new SingleBar({
        format: '  {stage} | {records} records | {linked} of {links} links | {duration_formatted}',
        stream: context.notes,
        clearOnComplete: true,
      })
    : undefined;
  bar?.start(1, 0, { stage: 'reading', records: 0, linked: 0, links: 0 });
  try {
    for (;;) {
      const run = await patiently(api, path);
      const { stage, records, linked, links } = run;
      bar?.update(0, { stage, records, linked, links });
      if (run['finishedAt'] !== undefined) return run;
      await new Promise((again) => setTimeout(again, POLL_MS));
    }
  } finally {
    bar?.stop();
  }
}

/** `tessera identity link`: the records of sources that share no identifiers, linked by how alike they are. */
export function registerLink(noun: Command, context: Context): void {
  leaf(noun, 'link', 'link the records of sources that are the same person, without shared identifiers')
    .requiredOption(
      '--source <name>',
      'a source whose records to link; give it again for more',
      (name: string, names: string[] | undefined) => [...(names ?? []), name],
    )
    .option('--type <type>', 'the type of identifier that names a record (default: crmId)')
    .option('--dry-run', 'compute and report everything, link nothing')
    .option('--incremental', 'only records that are new or changed since the last run, under its model')
    .option('--threshold-link <probability>', 'link what is at least so likely (default: 0.5)')
    .option('--threshold-review <probability>', 'put up for review what is at least so likely (default: 0.2)')
    .option('--model <run>', 'use the model that this run trained, instead of training one')
    .option('--detach', "don't wait until it is done")
    .action(async (options: LinkOptions) => {
      const request = requestOf(options);
      const api = await context.api();
      const started = await api.post('/v1/identity/runs', request);
      if (options.detach === true) {
        if (options.json === true) context.terminal.json(started);
        else context.terminal.line(`Started ${printable(String(started['workflowId']))}.`);
        return;
      }
      const run = await untilDone(
        api,
        `/v1/identity/runs/${encodeURIComponent(String(started['runId']))}`,
        context,
      );
      if (options.json === true) context.terminal.json(run);
      else showRun(context, run);
      if (run['stage'] === 'failed') context.fail();
    });
}
