import type { Command } from 'commander';
import { leaf, objectOf, type Context } from '../context.ts';
import { jsonText } from '../text.ts';

/** `tessera profile event`: one event, and the record that its source sent. */
export function registerEvent(noun: Command, context: Context): void {
  leaf(noun, 'event <address> <message>', 'one event with the raw record it was made of')
    .option('--source <name>', 'where two sources use the same message id')
    .action(async (address: string, message: string, options: { json?: boolean; source?: string }) => {
      const path = ['/v1/profiles', encodeURIComponent(address), 'events', encodeURIComponent(message)];
      const answer = await (await context.api()).get(path.join('/'), { source: options.source });
      const { terminal } = context;
      if (options.json === true) {
        terminal.json(answer);
        return;
      }
      const { raw, properties, traits } = answer;
      terminal.heading(String(answer['event']));
      terminal.facts([
        ...['timestamp', 'receivedAt', 'source', 'mapping', 'messageId', 'identifiers'].map(
          (name) => [name, answer[name]] as const,
        ),
        ...Object.entries({ ...objectOf(properties), ...objectOf(traits) }),
      ]);
      terminal.line();
      if (raw === null) {
        terminal.line('The record that it was made of is gone.');
        return;
      }
      terminal.line('as its source sent it:');
      terminal.line(jsonText(raw));
    });
}
