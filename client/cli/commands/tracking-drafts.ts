import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { leaf, listOf, type Context } from '../context.ts';
import { jsonIn } from '../json-file.ts';
import { jsonText, printable } from '../text.ts';

const PLANS = '/v1/tracking-plans';

interface DraftOptions {
  readonly json?: boolean;
  readonly name?: string;
  readonly out?: string;
}

/** Writes a draft where it was asked for, or prints it. */
async function give(context: Context, plan: unknown, { out, json }: DraftOptions): Promise<void> {
  const text = jsonText(plan);
  if (out === undefined) {
    context.terminal.line(text);
    return;
  }
  await writeFile(out, `${text}\n`);
  if (json === true) context.terminal.json(plan);
  else
    context.terminal.line(
      `Wrote ${printable(out)}. Read it over, then: npx tessera tracking-plan create ${printable(out)}`,
    );
}

/** Drafts of plans: inferred from what was seen, or taken over from Segment. */
export function registerDrafts(noun: Command, context: Context): void {
  leaf(noun, 'infer', 'a draft that all events of a source would have kept to')
    .requiredOption('--source <name>', 'whose events')
    .option('--name <name>', "the plan's name (default: the source's)")
    .option('--out <file>', 'write it to this file')
    .action(async (options: DraftOptions & { source: string }) => {
      const { source, name } = options;
      const body = { source, ...(name === undefined ? {} : { name }) };
      await give(context, await (await context.api()).post(`${PLANS}/infer`, body), options);
    });
  leaf(noun, 'import <file>', 'store a Segment tracking plan, as its API exports one')
    .requiredOption('--name <name>', "the plan's name")
    .option('--source <name...>', 'the sources that it holds for')
    .option('--mode <mode>', 'allow, warn or quarantine', 'warn')
    .option('--unplanned <mode>', 'the same, for events that the plan does not name', 'allow')
    .option('--out <file>', 'write the draft to this file instead of storing it')
    .action(
      async (
        file: string,
        options: DraftOptions & { name: string; source?: string[]; mode: string; unplanned: string },
      ) => {
        const { name, source = [], mode, unplanned } = options;
        const segment = await jsonIn(file, 'Export the tracking plan from Segment as JSON.');
        const api = await context.api();
        const body = { name, sources: source, mode, unplanned, segment };
        const { plan, notes } = await api.post(`${PLANS}/convert`, body);
        for (const note of Array.isArray(notes) ? notes : [])
          context.notes.write(`${printable(String(note))}\n`);
        if (options.out !== undefined) {
          await give(context, plan, options);
          return;
        }
        const stored = await api.post(PLANS, plan);
        if (options.json === true) context.terminal.json(stored);
        else
          context.terminal.line(
            `Stored ${String(stored['name'])}@${String(stored['version'])}: ${listOf(stored['rules']).length} events.`,
          );
      },
    );
}
