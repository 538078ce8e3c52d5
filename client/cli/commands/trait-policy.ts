import { Option, type Command } from 'commander';
import { itemsOf, leaf, objectOf, type Context } from '../context.ts';
import { Misuse } from '../failure.ts';
import { cell } from '../text.ts';
import { wholeList } from '../whole-list.ts';

const PATH = '/v1/trait-policies';
const POLICIES = ['latest', 'first', 'min', 'max', 'union', 'most-frequent', 'source-priority'];

interface Json {
  readonly json?: boolean;
}

/** A policy in a word, with its sources where it has some. */
function policyText(policy: unknown): string {
  const { policy: named, sources } = objectOf(policy);
  return Array.isArray(sources) ? `${cell(named)} (${sources.map(cell).join(', ')})` : cell(named);
}

function registerSet(noun: Command, context: Context): void {
  leaf(noun, 'set <trait>', 'set the policy of a trait; it holds for all history, from the next read on')
    .addOption(
      new Option('--policy <policy>', 'how its values become one').choices(POLICIES).makeOptionMandatory(),
    )
    .option('--sources <names>', 'of source-priority: the sources, best first, with commas between')
    .action(async (trait: string, options: Json & { policy: string; sources?: string }) => {
      const { policy } = options;
      const sources = options.sources?.split(',').map((source) => source.trim());
      if ((policy === 'source-priority') !== (sources !== undefined)) {
        throw new Misuse('--sources goes with --policy source-priority, and only with it.');
      }
      const api = await context.api();
      const answer = await api.post(PATH, { trait, policy, ...(sources === undefined ? {} : { sources }) });
      if (options.json === true) context.terminal.json(answer);
      else
        context.terminal.line(
          `${cell(trait)} is ${policyText(answer)} from version ${cell(answer['version'])} on.`,
        );
    });
}

/** `tessera trait-policy ...`: how a trait's values on many events become one. */
export function registerTraitPolicy(program: Command, context: Context): void {
  const noun = program.command('trait-policy').description("how a trait's values on many events become one");
  leaf(noun, 'list', 'traits with a policy of their own; every other one is latest').action(
    async (options: Json) => {
      const answer = await wholeList(await context.api(), PATH);
      if (options.json === true) {
        context.terminal.json(answer);
        return;
      }
      context.terminal.table(
        ['trait', 'policy'],
        itemsOf(answer).map((item) => [item['trait'], policyText(item)]),
        'Every trait is latest: by event time.',
      );
    },
  );
  registerSet(noun, context);
  leaf(noun, 'changes', 'every change of a policy, newest first').action(async (options: Json) => {
    const answer = await wholeList(await context.api(), `${PATH}/changes`);
    if (options.json === true) {
      context.terminal.json(answer);
      return;
    }
    context.terminal.table(
      ['version', 'when', 'trait', 'before', 'after'],
      itemsOf(answer).map((item) => [
        item['version'],
        item['recordedAt'],
        item['trait'],
        policyText(item['before']),
        policyText(item['after']),
      ]),
      'No policy was ever changed.',
    );
  });
}
