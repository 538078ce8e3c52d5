import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import type { Answer } from '../../api.ts';
import { itemsOf, leaf, listOf, objectOf, type Context } from '../../context.ts';
import { CliFailure } from '../../failure.ts';
import { jsonText } from '../../text.ts';
import { wholeList } from '../../whole-list.ts';

interface Options {
  readonly json?: boolean;
  readonly reason?: string;
  readonly actor?: string;
}

/** Reads rules from a file of JSON. Throws `CliFailure`. */
export async function rulesIn(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch {
    throw new CliFailure(
      `${file} holds no JSON that can be read.`,
      'Put rules into it, as tessera identity rules show --json prints them; all or some.',
    );
  }
}

/** `?actor=...&reason=...` of a change. */
export function askedBy({ actor, reason }: Pick<Options, 'actor' | 'reason'>): string {
  const query = new URLSearchParams();
  if (actor !== undefined) query.set('actor', actor);
  if (reason !== undefined) query.set('reason', reason);
  return query.size === 0 ? '' : `?${query.toString()}`;
}

/** What differs between rules, as a table. */
export function changesTable(context: Context, changes: unknown): void {
  context.terminal.table(
    ['rule', 'before', 'after'],
    listOf(changes).map((change) => [
      change['path'],
      jsonOrNone(change['before']),
      jsonOrNone(change['after']),
    ]),
    'Nothing differs.',
  );
}

function jsonOrNone(value: unknown): string {
  return value === undefined ? '' : JSON.stringify(value);
}

/** `tessera identity rules ...`: the rules by which evidence makes profiles. */
export function registerRules(identity: Command, context: Context): void {
  const noun = identity.command('rules').description('the rules by which evidence makes profiles');
  leaf(noun, 'show [version]', 'the rules in force, or a version of them, as data').action(
    async (version?: string) => {
      const api = await context.api();
      const answer: Answer =
        version === undefined
          ? await api.get('/v1/identity/rules')
          : objectOf((await api.get(`/v1/identity/rules/versions/${encodeURIComponent(version)}`))['rules']);
      context.terminal.line(jsonText(answer));
    },
  );
  leaf(noun, 'set <file>', 'make rules the version in force; what the file leaves out stays')
    .option('--reason <text>', 'why')
    .option('--actor <name>', 'who')
    .action(async (file: string, options: Options) => {
      const body = await rulesIn(file);
      const answer = await (await context.api()).put(`/v1/identity/rules${askedBy(options)}`, body);
      if (options.json === true) {
        context.terminal.json(answer);
        return;
      }
      const { simulationId } = objectOf(answer['rejudging']);
      context.terminal.line(`Version ${String(answer['version'])} of the rules is in force.`);
      if (typeof simulationId === 'string')
        context.terminal.line(`History is judged by it: tessera identity simulations show ${simulationId}`);
    });
  leaf(noun, 'versions', 'every version that there was, newest first').action(async (options: Options) => {
    const answer = await wholeList(await context.api(), '/v1/identity/rules/versions');
    if (options.json === true) {
      context.terminal.json(answer);
      return;
    }
    context.terminal.table(
      ['version', 'since', 'by', 'reason'],
      itemsOf(answer).map((item) => ['version', 'recordedAt', 'actor', 'reason'].map((key) => item[key])),
      'There are no versions.',
    );
  });
  leaf(
    noun,
    'diff <from> [to]',
    'what differs between two versions, or a version and the rules in force',
  ).action(async (from: string, to: string | undefined, options: Options) => {
    const answer = await (await context.api()).get('/v1/identity/rules/diff', { from, to });
    if (options.json === true) context.terminal.json(answer);
    else changesTable(context, answer['changes']);
  });
}
