import type { Command } from 'commander';
import { itemsOf, leaf, listOf, objectOf, type Context } from '../context.ts';
import { jsonIn } from '../json-file.ts';
import { cell, jsonText } from '../text.ts';
import { wholeList } from '../whole-list.ts';
import { registerDrafts } from './tracking-drafts.ts';

interface Json {
  readonly json?: boolean;
}

const PLANS = '/v1/tracking-plans';
const REMEDY = 'Put the plan into it, as npx tessera tracking-plan show prints one.';

/** A plan as it is sent: the version is the platform's to give. */
function withoutVersion(plan: unknown): Record<string, unknown> {
  return Object.fromEntries(Object.entries(objectOf(plan)).filter(([name]) => name !== 'version'));
}

/** What a new version changed, for people. */
export function showStored(
  context: Context,
  stored: Record<string, unknown>,
  json: boolean | undefined,
): void {
  const { terminal } = context;
  if (json === true) {
    terminal.json(stored);
    return;
  }
  terminal.line(`Stored ${cell(stored['name'])}@${cell(stored['version'])}.`);
  showChanges(context, listOf(stored['changes']));
}

function showChanges(context: Context, changes: readonly Record<string, unknown>[]): void {
  context.terminal.table(
    ['event', 'where', 'change', 'breaks'],
    changes.map(({ event, path, change, breaking }) => [
      event,
      path,
      change,
      breaking === true ? 'yes' : 'no',
    ]),
    'Nothing changes.',
  );
}

function registerChanges(noun: Command, context: Context): void {
  leaf(noun, 'create <file>', 'store what is in this JSON file as a plan, or as a new version of one')
    .option('--only-compatible', 'refuse a version that breaks what kept to the one before')
    .action(async (file: string, options: Json & { onlyCompatible?: boolean }) => {
      const plan = withoutVersion(await jsonIn(file, REMEDY));
      const body = options.onlyCompatible === true ? { ...plan, onlyCompatible: true } : plan;
      showStored(context, await (await context.api()).post(PLANS, body), options.json);
    });
  leaf(noun, 'set <name>', 'change what a plan holds for and what becomes of events that break it')
    .option('--mode <mode>', 'allow, warn or quarantine')
    .option('--unplanned <mode>', 'the same, for events that the plan does not name')
    .option('--source <name...>', 'the sources that it holds for')
    .action(
      async (name: string, options: Json & { mode?: string; unplanned?: string; source?: string[] }) => {
        const api = await context.api();
        const { mode, unplanned, source, json } = options;
        const plan = withoutVersion(await api.get(`${PLANS}/${encodeURIComponent(name)}`));
        const stored = await api.post(PLANS, {
          ...plan,
          ...(mode === undefined ? {} : { mode }),
          ...(unplanned === undefined ? {} : { unplanned }),
          ...(source === undefined ? {} : { sources: source }),
        });
        showStored(context, stored, json);
      },
    );
  leaf(noun, 'check <file>', 'whether a plan could be used, and what it would change; nothing is stored')
    .option('--against <plan>', 'NAME or NAME@VERSION (default: the newest version of its name)')
    .action(async (file: string, options: Json & { against?: string }) => {
      const plan = withoutVersion(await jsonIn(file, REMEDY));
      const { against, json } = options;
      const found = await (
        await context.api()
      ).post(`${PLANS}/check`, { plan, ...(against === undefined ? {} : { against }) });
      const problems = listOf(found['problems']);
      if (json === true) context.terminal.json(found);
      else if (problems.length > 0)
        context.terminal.table(
          ['where', 'expected'],
          problems.map(({ path, expected }) => [path, expected]),
          '',
        );
      else showChanges(context, listOf(found['changes']));
      if (problems.length > 0 || found['compatible'] !== true) context.fail();
    });
}

function registerLists(noun: Command, context: Context): void {
  leaf(noun, 'list', 'the plans').action(async (options: Json) => {
    const answer = await wholeList(await context.api(), PLANS);
    if (options.json === true) context.terminal.json(answer);
    else
      context.terminal.table(
        ['plan', 'version', 'sources', 'mode', 'unplanned', 'events'],
        itemsOf(answer).map((plan) =>
          ['name', 'version', 'sources', 'mode', 'unplanned', 'events'].map((key) => plan[key]),
        ),
        'There are no tracking plans. Start one with npx tessera tracking-plan infer --source NAME.',
      );
  });
  leaf(noun, 'show <name>', 'one plan, as data: NAME for the newest version, or NAME@VERSION')
    .option('--versions', 'all its versions, and what each changed')
    .action(async (name: string, options: Json & { versions?: boolean }) => {
      const api = await context.api();
      const path = `${PLANS}/${encodeURIComponent(name).replace('%40', '@')}`;
      const answer =
        options.versions === true ? await wholeList(api, `${path}/versions`) : await api.get(path);
      context.terminal.line(jsonText(answer));
    });
  leaf(noun, 'violations [id]', 'how events broke their plans; with an id, an example')
    .option('--source <name>', 'only of this source')
    .option('--plan <name>', 'only of this plan')
    .option('--event <name>', 'only of events of this name')
    .action(async (id: string | undefined, options: Json & Record<string, string | undefined>) => {
      const { source, plan, event } = options;
      const api = await context.api();
      const answer = await wholeList(api, `${PLANS}/violations`, { source, plan, event });
      if (id !== undefined) {
        const found = itemsOf(answer).find((one) => one['id'] === id);
        const at = `${PLANS}/violations/${encodeURIComponent(cell(found?.['source'] ?? source ?? 'none'))}`;
        context.terminal.line(jsonText(await api.get(`${at}/${encodeURIComponent(id)}`)));
        return;
      }
      if (options.json === true) {
        context.terminal.json(answer);
        return;
      }
      const columns = ['id', 'source', 'event', 'path', 'expected', 'mode', 'count', 'first', 'last'];
      context.terminal.table(
        columns,
        itemsOf(answer).map((one) => columns.map((column) => one[column])),
        'All events keep to their plans.',
      );
    });
}

/** `tessera tracking-plan ...`: what events must look like, and how they break it. */
export function registerTrackingPlan(program: Command, context: Context): void {
  const noun = program
    .command('tracking-plan')
    .description('what events must look like, and how they break it');
  registerLists(noun, context);
  registerChanges(noun, context);
  registerDrafts(noun, context);
}
