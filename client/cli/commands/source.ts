import { Option, type Command } from 'commander';
import { itemsOf, leaf, objectOf, type Context } from '../context.ts';
import { Misuse } from '../failure.ts';
import { wholeList } from '../whole-list.ts';
import {
  connectionOf,
  registerConnection,
  showWebhook,
  vendorOptions,
  type VendorOptions,
} from './source-vendor.ts';
import { registerHealth, registerThresholds } from './source-health.ts';
import { registerSync } from './source-sync.ts';

const KINDS = ['web', 'pos', 'crm', 'contact-center', 'email', 'social'];
const LANES_MAX = 64;

interface Json {
  readonly json?: boolean;
}

function pathOf(name: string, ...rest: string[]): string {
  return ['/v1/sources', encodeURIComponent(name), ...rest].join('/');
}

function lanesOf(value: string): number {
  const lanes = Number(value);
  if (Number.isInteger(lanes) && lanes >= 1 && lanes <= LANES_MAX) return lanes;
  throw new Misuse(`--lanes must be a whole number from 1 to ${LANES_MAX}.`);
}

function showKey(context: Context, answer: Record<string, unknown>, json: boolean | undefined): void {
  if (json === true) {
    context.terminal.json(answer);
    return;
  }
  context.terminal.facts([['write key', answer['writeKey']]]);
  context.terminal.line('  It is shown this once: only its hash is kept.');
}

function registerChanges(noun: Command, context: Context): void {
  vendorOptions(leaf(noun, 'add <name>', 'add a source; prints its write key once'))
    .addOption(
      new Option('--kind <kind>', "what kind of system it is (default: web, or the vendor's)").choices(KINDS),
    )
    .option('--mapping <name>', "how its records become events (default: segment, or the vendor's)")
    .option('--lanes <n>', 'parallel lanes (default: 2); can grow later', lanesOf)
    .action(
      async (
        name: string,
        options: Json & VendorOptions & { kind?: string; mapping?: string; lanes?: number },
      ) => {
        const { kind, mapping, lanes, vendor } = options;
        const connection = vendor === undefined ? {} : await connectionOf(options, vendor);
        const api = await context.api();
        const given = Object.entries({ name, kind, mapping, lanes, ...connection });
        const body = Object.fromEntries(given.filter(([, value]) => value !== undefined));
        const answer = await api.post('/v1/sources', body);
        showKey(context, answer, options.json);
        if (options.json !== true) showWebhook(context, objectOf(answer['source']));
      },
    );
  leaf(noun, 'rotate-key <name>', 'give a source a new write key; the old one stays valid unless revoked')
    .option('--revoke-old', 'make the old keys invalid at once')
    .action(async (name: string, options: Json & { revokeOld?: boolean }) => {
      const api = await context.api();
      const body = { revokeOld: options.revokeOld === true };
      showKey(context, await api.post(pathOf(name, 'rotate-key'), body), options.json);
    });
}

const STEERING = {
  pause: ['stop working on what comes in; it is kept', 'is paused: what comes in is kept and waits'],
  resume: ['go on after a pause', 'goes on'],
} as const;

function registerSteering(noun: Command, context: Context): void {
  for (const [verb, [description, done]] of Object.entries(STEERING)) {
    leaf(noun, `${verb} <name>`, description).action(async (name: string, options: Json) => {
      const answer = await (await context.api()).post(pathOf(name, verb), {});
      if (options.json === true) context.terminal.json(answer);
      else context.terminal.line(`${name} ${done}.`);
    });
  }
  leaf(noun, 'drain <name>', 'wait until all that was accepted is in the profiles')
    .option('--detach', "don't wait longer than the platform lets a call wait")
    .action(async (name: string, options: Json & { detach?: boolean }) => {
      const api = await context.api();
      let answer = await api.post(pathOf(name, 'drain'), {});
      while (answer['done'] !== true && options.detach !== true)
        answer = await api.post(pathOf(name, 'drain'), { drainId: answer['drainId'] });
      if (options.json === true) context.terminal.json(answer);
      else if (answer['done'] === true)
        context.terminal.line(`${name} is drained: all that was accepted is in.`);
      else context.terminal.line(`${name} is being drained.`);
    });
}

function registerLists(noun: Command, context: Context): void {
  leaf(noun, 'list', 'the sources').action(async (options: Json) => {
    const answer = await wholeList(await context.api(), '/v1/sources');
    if (options.json === true) {
      context.terminal.json(answer);
      return;
    }
    context.terminal.table(
      ['source', 'kind', 'mapping', 'lanes', 'since'],
      itemsOf(answer).map((source) =>
        ['name', 'kind', 'mapping', 'lanes', 'createdAt'].map((key) => source[key]),
      ),
      'There are no sources. Add one with npx tessera source add.',
    );
  });
  leaf(noun, 'duplicates <name>', 'messages that came again and changed nothing, newest first')
    .option('--limit <n>', 'how many', '50')
    .option('--cursor <cursor>', 'go on where a page ended')
    .action(async (name: string, options: Json & { limit: string; cursor?: string }) => {
      const { limit, cursor } = options;
      if (!/^\d+$/.test(limit)) throw new Misuse('--limit must be a number.');
      const answer = await (await context.api()).get(pathOf(name, 'duplicates'), { limit, cursor });
      if (options.json === true) {
        context.terminal.json(answer);
        return;
      }
      context.terminal.table(
        ['message', 'received', 'batch', 'place'],
        itemsOf(answer).map((entry) => [
          entry['messageId'],
          entry['receivedAt'],
          entry['batchId'],
          entry['index'],
        ]),
        `${name} has sent nothing twice.`,
      );
      if (typeof answer['cursor'] === 'string') context.terminal.line(`More: --cursor ${answer['cursor']}`);
    });
}

/** `tessera source ...`: where events come from. */
export function registerSource(program: Command, context: Context): void {
  const noun = program.command('source').description('where events come from');
  registerLists(noun, context);
  registerChanges(noun, context);
  registerConnection(noun, context);
  registerSteering(noun, context);
  registerHealth(noun, context);
  registerThresholds(noun, context);
  registerSync(noun, context);
}
