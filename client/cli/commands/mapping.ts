import type { Command } from 'commander';
import { itemsOf, leaf, objectOf, type Context } from '../context.ts';
import { jsonIn } from '../json-file.ts';
import { cell, jsonText } from '../text.ts';

interface Json {
  readonly json?: boolean;
}

/** `tessera mapping ...`: how sources' formats become events. */
export function registerMapping(program: Command, context: Context): void {
  const noun = program.command('mapping').description("how sources' formats become events");
  leaf(noun, 'list', 'the mappings').action(async (options: Json) => {
    const answer = await (await context.api()).get('/v1/mappings');
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
  leaf(noun, 'show <name>', 'one mapping, as data: NAME for the newest version, or NAME@VERSION').action(
    async (name: string) => {
      const mapping = await (
        await context.api()
      ).get(`/v1/mappings/${encodeURIComponent(name).replace('%40', '@')}`);
      context.terminal.line(jsonText(mapping));
    },
  );
}
