import type { Command } from 'commander';
import { itemsOf, leaf, type Context } from '../context.ts';
import { jsonText } from '../text.ts';

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
  leaf(noun, 'show <name>', 'one mapping, as data: NAME for the newest version, or NAME@VERSION').action(
    async (name: string) => {
      const mapping = await (
        await context.api()
      ).get(`/v1/mappings/${encodeURIComponent(name).replace('%40', '@')}`);
      context.terminal.line(jsonText(mapping));
    },
  );
}
