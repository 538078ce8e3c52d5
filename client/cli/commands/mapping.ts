import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { itemsOf, leaf, objectOf, type Context } from '../context.ts';
import { Misuse } from '../failure.ts';
import { jsonIn } from '../json-file.ts';
import { cell, jsonText } from '../text.ts';
import { wholeList } from '../whole-list.ts';

interface Json {
  readonly json?: boolean;
}

interface TestOptions extends Json {
  readonly vendor?: string;
  readonly header?: Record<string, string>;
}

function addHeader(text: string, before: Record<string, string> = {}): Record<string, string> {
  const at = text.indexOf('=');
  if (at < 1) throw new Misuse('--header takes name=value.');
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
}

/** `tessera mapping ...`: how sources' formats become events. */
export function registerMapping(program: Command, context: Context): void {
  const noun = program.command('mapping').description("how sources' formats become events");
  leaf(noun, 'list', 'the mappings').action(async (options: Json) => {
    const answer = await wholeList(await context.api(), '/v1/mappings');
    if (options.json === true) {
      context.terminal.json(answer);
      return;
    }
    context.terminal.table(
      ['mapping', 'version', 'description'],
      itemsOf(answer).map((mapping) => [mapping['name'], mapping['version'], mapping['description']]),
      'There are no mappings.',
    );
  });
  leaf(noun, 'create <file>', 'store what is in this JSON file as a new version of a mapping').action(
    async (file: string, options: Json) => {
      const given = await jsonIn(file, 'Put the mapping into it, as npx tessera mapping show prints one.');
      // What \`show\` printed can be changed and sent back: the version is the platform's to give.
      const definition = Object.entries(objectOf(given)).filter(([name]) => name !== 'version');
      const stored = await (await context.api()).post('/v1/mappings', Object.fromEntries(definition));
      if (options.json === true) context.terminal.json(stored);
      else context.terminal.line(`Stored ${cell(stored['name'])}@${cell(stored['version'])}.`);
    },
  );
  leaf(noun, 'test <name> <file>', "the events that a mapping makes of a vendor's payload; nothing is stored")
    .option('--vendor <vendor>', 'whose payload it is, where the mapping is your own')
    .option(
      '--header <name=value>',
      'a header that came with it, such as x-shopify-topic=orders/paid',
      addHeader,
    )
    .action(async (name: string, file: string, options: TestOptions) => {
      const payload = await readFile(file, 'utf8').catch(() => {
        throw new Misuse('The file can not be read.');
      });
      const { vendor, header: headers } = options;
      const body = {
        payload,
        ...(vendor === undefined ? {} : { vendor }),
        ...(headers === undefined ? {} : { headers }),
      };
      const path = `/v1/mappings/${encodeURIComponent(name).replace('%40', '@')}/dry-run`;
      const answer = await (await context.api()).post(path, body);
      if (itemsOf(answer).some((item) => item['ok'] !== true)) context.fail();
      if (options.json === true) context.terminal.json(answer);
      else context.terminal.line(jsonText(answer['items']));
    });
  leaf(noun, 'show <name>', 'one mapping, as data: NAME for the newest version, or NAME@VERSION').action(
    async (name: string) => {
      const mapping = await (
        await context.api()
      ).get(`/v1/mappings/${encodeURIComponent(name).replace('%40', '@')}`);
      context.terminal.line(jsonText(mapping));
    },
  );
}
