import { randomUUID } from 'node:crypto';
import { userInfo } from 'node:os';
import type { Command } from 'commander';
import type { Answer } from '../api.ts';
import { leaf, type Context } from '../context.ts';
import { cell } from '../text.ts';

interface Options {
  readonly json?: boolean;
  readonly reason: string;
  readonly actor?: string;
  readonly detach?: boolean;
}

interface SplitOptions extends Options {
  readonly away: readonly string[];
}

/** Between looks at whether a decision has been carried out, in milliseconds. */
const LOOK_MS = 500;

/** Who sits here, where the system says so. */
function whoami(): string {
  try {
    return userInfo().username;
  } catch {
    return 'operator';
  }
}

function decision(parent: Command, usage: string, description: string): Command {
  return leaf(parent, usage, description)
    .requiredOption('--reason <text>', 'why; kept with the decision for good')
    .option('--actor <name>', 'who decides (default: the user of this system)')
    .option('--detach', "don't wait until it is done");
}

async function decide(context: Context, path: string, body: object, options: Options): Promise<void> {
  const api = await context.api();
  const { reason, actor = whoami(), detach = false } = options;
  const asked = { ...body, reason, actor };
  let answer = await api.post(detach ? `${path}?wait=false` : path, asked, {
    'idempotency-key': randomUUID(),
  });
  // What takes the platform longer than a request may take goes on as a run.
  while (!detach && typeof answer['statusUrl'] === 'string' && answer['status'] !== 'done') {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    const now = await api.get(answer['statusUrl']);
    answer = { ...now, statusUrl: answer['statusUrl'] };
    if (now['status'] === 'refused' || now['status'] === 'failed') {
      context.fail();
      break;
    }
  }
  show(context, answer, options);
}

function show({ terminal }: Context, answer: Answer, { json, detach }: Options): void {
  if (json === true) {
    terminal.json(answer);
    return;
  }
  if (detach === true) {
    terminal.line(`Started ${cell(answer['workflowId'])}.`);
    return;
  }
  const { status, profiles } = answer;
  if (status === 'refused' || status === 'failed') {
    terminal.line(`Nothing was changed: ${cell(answer['refusal'] ?? answer['error'] ?? status)}`);
    return;
  }
  const ids = Array.isArray(profiles) ? profiles.map(cell) : [];
  terminal.facts([['decision', answer['decisionId']], ...ids.map((id) => ['profile', id] as const)]);
}

/** `tessera profile split|link|never-link`: what people decide on who is who. */
export function registerDecisions(noun: Command, context: Context): void {
  decision(noun, 'split <address>', 'these identifiers go, the others stay; and no event joins them again')
    .requiredOption('--away <identifiers...>', 'those that go, as type:value')
    .action(async (address: string, options: SplitOptions) => {
      const path = `/v1/profiles/${encodeURIComponent(address)}/split`;
      await decide(context, path, { away: options.away }, options);
    });
  decision(noun, 'link <a> <b>', 'these two are one person, whatever the rules say').action(
    (a: string, b: string, options: Options) => decide(context, '/v1/profiles/link', { a, b }, options),
  );
  decision(noun, 'never-link <a> <b>', 'these two are never one person, whatever they share').action(
    (a: string, b: string, options: Options) => decide(context, '/v1/profiles/never-link', { a, b }, options),
  );
}
