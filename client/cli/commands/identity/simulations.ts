import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import type { Answer, Api } from '../../api.ts';
import { itemsOf, leaf, listOf, objectOf, type Context } from '../../context.ts';
import { CliFailure } from '../../failure.ts';
import { cell } from '../../text.ts';
import { askedBy, changesTable, rulesIn } from './rules.ts';

interface Options {
  readonly json?: boolean;
  readonly detach?: boolean;
  readonly reason?: string;
  readonly actor?: string;
}

const POLL_MS = 300;
const RUNNING = new Set(['simulating', 'promoting', 'undoing']);
const CHANGES_SHOWN = 20;

function pathOf(id: string, ...rest: string[]): string {
  return ['/v1/identity/simulations', encodeURIComponent(id), ...rest].join('/');
}

async function finished(api: Api, id: string): Promise<Answer> {
  for (;;) {
    const answer = await api.get(pathOf(id));
    if (!RUNNING.has(String(answer['status']))) return answer;
    await sleep(POLL_MS);
  }
}

function show(context: Context, answer: Answer): void {
  const { terminal } = context;
  const report = objectOf(answer['report']);
  const profiles = objectOf(report['profiles']);
  terminal.heading(`${cell(answer['simulationId'])}: ${cell(answer['status'])}`);
  changesTable(context, answer['changes']);
  if (answer['report'] === null) return;
  terminal.facts([
    ['profiles', `${cell(profiles['before'])}, then ${cell(profiles['after'])}`],
    ['merges', report['merges']],
    ['splits', report['splits']],
    ['regroupings', report['regroups']],
    ['profiles affected', report['profilesAffected']],
  ]);
  terminal.line();
  const changes = listOf(report['changes']);
  terminal.table(
    ['change', 'profiles', 'into parts of', 'because'],
    changes.slice(0, CHANGES_SHOWN).map((change) => [
      change['kind'],
      (change['profiles'] as readonly unknown[]).map(cell).join(', '),
      listOf(change['parts'])
        .map((part) => cell(part['size']))
        .join(' + '),
      listOf(change['because']).map(reasonText).join('; '),
    ]),
    'Nothing would change.',
  );
  if (changes.length > CHANGES_SHOWN) terminal.line(`${changes.length - CHANGES_SHOWN} more: --json`);
}

function reasonText(reason: Record<string, unknown>): string {
  const ends = [reason['a'], reason['b']].map((end) => cell(objectOf(end)['type'])).join(' and ');
  const [now, then] = [reason['refusedNow'], reason['refusedThen']];
  return `${ends} of ${cell(reason['source'])} ${cell(reason['messageId'])}: ${side(now)} now, ${side(then)} then`;
}

function side(refusedBy: unknown): string {
  return refusedBy === undefined ? 'in force' : `refused by ${cell(refusedBy)}`;
}

async function follow(context: Context, begun: Answer, options: Options, wanted: string): Promise<void> {
  const { terminal } = context;
  const id = String(begun['simulationId']);
  if (options.detach === true) {
    if (options.json === true) terminal.json(begun);
    else terminal.line(`Started: tessera identity simulations show ${id}`);
    return;
  }
  const answer = await finished(await context.api(), id);
  if (options.json === true) terminal.json(answer);
  else show(context, answer);
  if (answer['status'] !== wanted)
    throw new CliFailure(`It ended ${cell(answer['status'])}: ${cell(answer['error'] ?? 'no reason given')}`);
}

/** `tessera identity simulate|simulations|promote|discard|undo`: rules tried on all history before they are used. */
export function registerSimulations(identity: Command, context: Context): void {
  leaf(identity, 'simulate <file>', 'what rules would change of all history; nothing is changed')
    .option('--detach', 'do not wait until it is done')
    .option('--reason <text>', 'why')
    .option('--actor <name>', 'who')
    .action(async (file: string, options: Options) => {
      const body = await rulesIn(file);
      const api = await context.api();
      await follow(
        context,
        await api.post(`/v1/identity/simulations${askedBy(options)}`, body),
        options,
        'simulated',
      );
    });
  const noun = identity.command('simulations').description('runs of rules over history');
  leaf(noun, 'list', 'the runs, newest first').action(async (options: Options) => {
    const answer = await (await context.api()).get('/v1/identity/simulations');
    if (options.json === true) {
      context.terminal.json(answer);
      return;
    }
    context.terminal.table(
      ['id', 'status', 'since', 'by', 'reason', 'promoted as'],
      itemsOf(answer).map((item) =>
        ['simulationId', 'status', 'requestedAt', 'actor', 'reason', 'promotedVersion'].map(
          (key) => item[key],
        ),
      ),
      'There are no simulations.',
    );
  });
  leaf(noun, 'show <id>', 'one run and its report').action(async (id: string, options: Options) => {
    const answer = await (await context.api()).get(pathOf(id));
    if (options.json === true) context.terminal.json(answer);
    else show(context, answer);
  });
  for (const [step, done, about] of [
    ['promote', 'promoted', 'make the rules of a simulation the version in force, for history as well'],
    ['undo', 'undone', 'take a promotion back'],
  ] as const) {
    leaf(identity, `${step} <id>`, about)
      .option('--detach', 'do not wait until it is done')
      .action(async (id: string, options: Options) => {
        const api = await context.api();
        await follow(context, await api.post(pathOf(id, step)), options, done);
      });
  }
  leaf(identity, 'discard <id>', 'leave the rules as they are').action(
    async (id: string, options: Options) => {
      const answer = await (await context.api()).post(pathOf(id, 'discard'));
      if (options.json === true) context.terminal.json(answer);
      else context.terminal.line(`${id} is discarded; its report is kept.`);
    },
  );
}
