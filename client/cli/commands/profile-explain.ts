import { Option, type Command } from 'commander';
import { leaf, type Context } from '../context.ts';
import { printable } from '../text.ts';

interface Options {
  readonly json?: boolean;
  readonly format: 'text' | 'json' | 'dot' | 'mermaid';
  readonly asOf?: string;
  readonly knownAt?: string;
}

/** `tessera profile explain`: why records are one person, or two identifiers are not. */
export function registerExplain(noun: Command, context: Context): void {
  leaf(noun, 'explain <address> [other]', 'why these records are one person, link by link; or what parts two')
    .addOption(
      new Option('--format <format>', 'dot is for Graphviz')
        .choices(['text', 'json', 'dot', 'mermaid'])
        .default('text'),
    )
    .option('--as-of <time>', 'by what was seen up to then')
    .option('--known-at <time>', 'with the links as they stood then')
    .action(async (address: string, other: string | undefined, options: Options) => {
      const { asOf, knownAt, json } = options;
      const format = json === true ? 'json' : options.format;
      const path = `/v1/profiles/${encodeURIComponent(address)}/explain`;
      const query = { to: other, asOf, knownAt };
      const api = await context.api();
      if (format === 'json') {
        context.terminal.json(await api.get(path, query));
        return;
      }
      const text = await api.text(path, { ...query, format });
      for (const line of text.trimEnd().split('\n')) context.terminal.line(printable(line));
    });
}
