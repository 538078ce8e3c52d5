import { readFile } from 'node:fs/promises';
import { Option, type Command } from 'commander';
import { itemsOf, leaf, listOf, objectOf, type Context } from '../context.ts';
import { Misuse } from '../failure.ts';
import { cell } from '../text.ts';

const VENDORS = ['salesforce', 'hubspot'];
const AUTHS = ['client-credentials', 'refresh-token', 'token'];

interface Json {
  readonly json?: boolean;
}

interface SetOptions extends Json {
  readonly vendor: string;
  readonly url?: string;
  readonly auth: string;
  readonly clientId?: string;
  readonly secretFile?: string;
  readonly refreshTokenFile?: string;
  readonly objects?: string;
  readonly fields?: Record<string, string[]>;
  readonly mapping?: string;
  readonly overlap?: string;
  readonly deletions: boolean;
}

function syncPath(source: string, ...rest: string[]): string {
  return ['/v1/sources', encodeURIComponent(source), 'sync', ...rest].join('/');
}

/** A secret comes in a file: on a command line others can read it. */
async function secretIn(file: string | undefined, option: string): Promise<string> {
  if (file === undefined) throw new Misuse(`Give ${option}.`);
  const text = await readFile(file, 'utf8').catch(() => {
    throw new Misuse(`The file of ${option} can not be read.`);
  });
  return text.trim();
}

async function authOf({ auth, clientId, secretFile, refreshTokenFile }: SetOptions): Promise<object> {
  const secret = await secretIn(secretFile, '--secret-file');
  if (auth === 'token') return { kind: auth, token: secret };
  if (clientId === undefined) throw new Misuse('Give --client-id.');
  const client = { kind: auth, clientId, clientSecret: secret };
  if (auth === 'client-credentials') return client;
  return { ...client, refreshToken: await secretIn(refreshTokenFile, '--refresh-token-file') };
}

function addFields(text: string, before: Record<string, string[]> = {}): Record<string, string[]> {
  const [object = '', names = ''] = text.split('=');
  if (object === '' || names === '') throw new Misuse('--fields takes Object=Field,Field.');
  return { ...before, [object]: names.split(',') };
}

function showSync(context: Context, sync: Record<string, unknown>): void {
  context.terminal.facts([
    ['source', sync['source']],
    ['vendor', sync['vendor']],
    ['address', sync['url']],
    ['entered by', objectOf(sync['auth'])['kind']],
    ['objects', sync['objects']],
    ['mapping', sync['mapping']],
    ['overlap', sync['overlap']],
    ['deletions', sync['deletions']],
    ...listOf(sync['cursors']).map(({ stream, modified }) => [`${cell(stream)} up to`, modified] as const),
  ]);
}

function registerSet(noun: Command, context: Context): void {
  leaf(noun, 'set <source>', "set how a source is read from its vendor's API; tessera schedule runs it")
    .addOption(new Option('--vendor <vendor>', 'whose API').choices(VENDORS).makeOptionMandatory())
    .addOption(new Option('--auth <kind>', 'how it is entered').choices(AUTHS).makeOptionMandatory())
    .option('--url <address>', "the API's address, such as https://acme.my.salesforce.com")
    .option('--client-id <id>', "the app's client id")
    .option('--secret-file <file>', 'a file with the client secret, or with the token')
    .option('--refresh-token-file <file>', 'a file with the refresh token')
    .option('--objects <names>', "what to read, with commas between (default: the vendor's usual ones)")
    .option('--fields <object=names>', 'fields to read of an object; can be given several times', addFields)
    .option('--mapping <name>', "how records become events (default: the vendor's)")
    .option('--overlap <duration>', 'how far before the cursor to read again (default: PT5M)')
    .option('--no-deletions', 'leave deletions out')
    .action(async (source: string, options: SetOptions) => {
      const { vendor, url, fields, mapping, overlap, deletions } = options;
      const objects = options.objects?.split(',').map((object) => object.trim());
      const body = { vendor, url, objects, fields, mapping, overlap, deletions, auth: await authOf(options) };
      const given = Object.entries(body).filter(([, value]) => value !== undefined);
      const answer = await (await context.api()).put(syncPath(source), Object.fromEntries(given));
      if (options.json === true) {
        context.terminal.json(answer);
        return;
      }
      showSync(context, answer);
      context.terminal.line(`  Run it: npx tessera schedule create ${cell(source)}/hourly --every PT1H`);
    });
}

function showRun(context: Context, run: Record<string, unknown>): void {
  context.terminal.facts([
    ['run', run['runId']],
    ['status', run['status']],
    ...(run['detail'] === null ? [] : ([['why', run['detail']]] as const)),
    ['from', run['startedAt']],
    ['to', run['endedAt']],
    ['records', run['rows']],
    ['stored', run['stored']],
    ['known before', run['repeated']],
    ['duplicates', run['duplicates']],
    ['deleted', run['deleted']],
    ['quarantined', run['quarantined']],
  ]);
  context.terminal.table(
    ['stream', 'pages', 'records', 'read from', 'up to'],
    listOf(run['streams']).map((one) => [
      one['stream'],
      one['pages'],
      one['rows'],
      one['from'] ?? 'the beginning',
      one['latest'],
    ]),
    'Nothing was read.',
  );
  const drift = listOf(run['drift']);
  if (drift.length > 0) {
    context.terminal.table(
      ['object', 'field', 'change', 'before', 'after'],
      drift.map((one) => [one['object'], one['field'], one['change'], one['before'], one['after']]),
      '',
    );
  }
}

/** `tessera source sync ...`: how a source is read from its vendor's API, and what the runs did. */
export function registerSync(source: Command, context: Context): void {
  const noun = source.command('sync').description("how a source is read from its vendor's API");
  registerSet(noun, context);
  leaf(noun, 'show <source>', 'how a source is synced, and how far').action(
    async (name: string, options: Json) => {
      const answer = await (await context.api()).get(syncPath(name));
      if (options.json === true) context.terminal.json(answer);
      else showSync(context, answer);
    },
  );
  leaf(noun, 'remove <source>', 'remove a sync with its secrets; what its runs did stays').action(
    async (name: string, options: Json) => {
      const answer = await (await context.api()).remove(syncPath(name));
      if (options.json === true) context.terminal.json(answer);
      else context.terminal.line(`${name} is synced no more; its secrets and cursors are gone.`);
    },
  );
  leaf(noun, 'runs <source>', 'runs that have ended, newest first').action(
    async (name: string, options: Json) => {
      const answer = await (await context.api()).get(syncPath(name, 'runs'));
      if (options.json === true) {
        context.terminal.json(answer);
        return;
      }
      context.terminal.table(
        ['run', 'status', 'records', 'stored', 'known', 'duplicates', 'quarantined', 'why'],
        itemsOf(answer).map((run) => [
          ...[run['runId'], run['status'], run['rows'], run['stored'], run['repeated']],
          ...[run['duplicates'], run['quarantined'], run['detail']],
        ]),
        'No run has ended yet.',
      );
    },
  );
  leaf(noun, 'run <source> <run>', 'what one run did, stream by stream; exit 1 where it failed').action(
    async (name: string, runId: string, options: Json) => {
      const answer = await (await context.api()).get(syncPath(name, 'runs', encodeURIComponent(runId)));
      if (options.json === true) context.terminal.json(answer);
      else showRun(context, answer);
      if (answer['status'] === 'failed') context.fail();
    },
  );
}
