import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { itemsOf, leaf, objectOf, type Context } from '../context.ts';
import { CliFailure, Misuse } from '../failure.ts';
import { cell, jsonText, printable } from '../text.ts';

interface Json {
  readonly json?: boolean;
}

function pathOf(id: string, ...rest: string[]): string {
  return ['/v1/quarantine', encodeURIComponent(id), ...rest].join('/');
}

async function replacementIn(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch {
    throw new CliFailure(
      `${file} holds no JSON that can be read.`,
      'Put the corrected item into it, as JSON.',
    );
  }
}

function registerList(noun: Command, context: Context): void {
  leaf(noun, 'list', 'items that could not go on, and why')
    .option('--source <name>', 'only of this source')
    .option('--code <code>', 'only with this reason')
    .option('--status <status>', 'held or released')
    .option('--limit <n>', 'how many', '50')
    .option('--cursor <cursor>', 'go on where a page ended')
    .action(
      async (
        options: Json & Record<'source' | 'code' | 'status' | 'limit' | 'cursor', string | undefined>,
      ) => {
        const { source, code, status, limit, cursor } = options;
        const answer = await (
          await context.api()
        ).get('/v1/quarantine', { source, code, status, limit, cursor });
        if (options.json === true) {
          context.terminal.json(answer);
          return;
        }
        context.terminal.table(
          ['id', 'source', 'since', 'status', 'reason', 'detail'],
          itemsOf(answer).map((entry) => {
            const { code: reason, detail } = objectOf(entry['reason']);
            return [entry['id'], entry['source'], entry['quarantinedAt'], entry['status'], reason, detail];
          }),
          'Nothing is in quarantine.',
        );
        if (typeof answer['cursor'] === 'string') context.terminal.line(`More: --cursor ${answer['cursor']}`);
      },
    );
}

/** `tessera quarantine ...`: what could not go on, and its way back. */
export function registerQuarantine(program: Command, context: Context): void {
  const noun = program.command('quarantine').description('items that could not go on; nothing in it is lost');
  registerList(noun, context);
  leaf(noun, 'show <id>', 'one item as it came, and why it is here').action(
    async (id: string, options: Json) => {
      const entry = await (await context.api()).get(pathOf(id));
      if (options.json === true) {
        context.terminal.json(entry);
        return;
      }
      const { code, detail } = objectOf(entry['reason']);
      const { source, quarantinedAt, status, original } = entry;
      context.terminal.facts([
        ['source', source],
        ['since', quarantinedAt],
        ['status', status],
        ['reason', code],
        ['detail', detail],
      ]);
      context.terminal.line(jsonText(original));
    },
  );
  registerWaysBack(noun, context);
}

function registerWaysBack(noun: Command, context: Context): void {
  const { terminal } = context;
  leaf(noun, 'release [id]', 'send an item through the normal way again, or all of a source or reason')
    .option('--source <name>', 'all that is held of this source')
    .option('--code <code>', 'all that is held for this reason')
    .action(async (id: string | undefined, options: Json & { source?: string; code?: string }) => {
      const { source, code } = options;
      const isMany = source !== undefined || code !== undefined;
      if (isMany === (id !== undefined)) throw new Misuse('Name either one item, or --source or --code.');
      const api = await context.api();
      const filter = { ...(source === undefined ? {} : { source }), ...(code === undefined ? {} : { code }) };
      const answer = await api.post(
        id === undefined ? '/v1/quarantine/release' : pathOf(id, 'release'),
        id === undefined ? filter : {},
      );
      if (options.json === true) terminal.json(answer);
      else if (id === undefined)
        terminal.line(
          `${cell(answer['released'])} items are on their way again.${answer['more'] === true ? ' More are held: run it once more.' : ''}`,
        );
      else terminal.line(`${printable(id)} is on its way again. It comes back here if it can't go on.`);
    });
  leaf(
    noun,
    'fix <id> <file>',
    'send what is in this JSON file in the place of an item; the original is kept',
  ).action(async (id: string, file: string, options: Json) => {
    const replacement = await replacementIn(file);
    const answer = await (await context.api()).post(pathOf(id, 'release'), { replacement });
    if (options.json === true) terminal.json(answer);
    else terminal.line(`${printable(id)} is on its way as corrected. It comes back here if it can't go on.`);
  });
}
