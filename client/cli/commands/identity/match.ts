import type { Command } from 'commander';
import { PERSON_FIELDS } from '../../../../domain/link-records/person.ts';
import { leaf, listOf, objectOf, type Context } from '../../context.ts';
import { Misuse } from '../../failure.ts';
import { showWaterfall } from './waterfall.ts';

interface Options {
  readonly json?: boolean;
  readonly source?: string[];
  readonly limit: string;
  readonly explain?: boolean;
}

/** `given=Jane` as a field of a person. Throws `Misuse`. */
function personOf(fields: readonly string[]): Record<string, string> {
  const person: Record<string, string> = {};
  for (const field of fields) {
    const at = field.indexOf('=');
    const name = field.slice(0, Math.max(0, at));
    if (!(PERSON_FIELDS as readonly string[]).includes(name))
      throw new Misuse(
        `"${name || field}" is no field; write given=Jane, with one of ${PERSON_FIELDS.join(', ')}.`,
      );
    person[name] = field.slice(at + 1);
  }
  return person;
}

/** `tessera identity match given=Jane ...`: who this could be, among the records that were linked. */
export function registerMatch(noun: Command, context: Context): void {
  leaf(
    noun,
    'match <field...>',
    'who this could be, as in: match given=Jane surname=Doe birthDate=1980-02-29',
  )
    .option('--source <name>', 'among the records of this source; give it again for more', collect)
    .option('--limit <n>', 'how many', '10')
    .option('--explain', 'with what each comparison says')
    .action(async (fields: string[], { json, source, limit, explain }: Options) => {
      const answer = await (
        await context.api()
      ).post('/v1/identity/match', {
        person: personOf(fields),
        limit: Number(limit),
        ...(source === undefined ? {} : { sources: source }),
      });
      if (json === true) {
        context.terminal.json(answer);
        return;
      }
      const candidates = listOf(answer['candidates']);
      context.terminal.table(
        ['record', 'profile', 'probability', 'weight'],
        candidates.map((candidate) => [
          candidate['identifier'],
          candidate['profileId'],
          Number(candidate['probability']).toFixed(4),
          Number(candidate['weight']).toFixed(2),
        ]),
        'Nobody like this is known.',
      );
      if (explain === true)
        for (const candidate of candidates) {
          context.terminal.heading(String(candidate['identifier']));
          showWaterfall(context, objectOf(candidate['waterfall']));
        }
    });
}

function collect(name: string, names: string[] | undefined): string[] {
  return [...(names ?? []), name];
}
