import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import type { RulingRefusal } from '../../../domain/identity/decide.ts';
import type { ResolutionTask } from '../../../domain/identity/resolution.ts';
import type { TenantStore } from '../../../storage/tenant.types.ts';
import { RESOLUTION_WORKFLOW } from '../../../workflows/contract/resolution.ts';
import { resolutionOptions } from '../../../workflows/contract/start.ts';
import { ProblemError } from '../problem.ts';
import type { Runs } from '../runs.ts';
import { ok } from './route.ts';
import type { Answer, AnswerDoc } from './route.ts';
import { started } from './schemas.ts';

/** How long a caller is kept waiting before it is told to ask for progress instead, and between looks, in milliseconds. */
const DECISION_WAIT_MS = 20_000;
const LOOK_MIN_MS = 10;
const LOOK_MAX_MS = 250;

/** Members of a body that say why, and who. */
export const why = {
  reason: z.string().min(1).max(2_000).meta({ description: 'Why; kept with the decision for good' }),
  actor: z.string().min(1).max(200).default('operator').meta({ description: 'Who decides' }),
};
/** Whether the caller waits for the end. */
export const decisionQuery = z.strictObject({
  wait: z.stringbool().default(true).meta({ description: 'false: answered at once, with where to ask' }),
});
const decided = z.object({
  profiles: z.array(z.string()).meta({ description: 'The profiles that the identifiers are in now' }),
  decisionId: z.string(),
});
/** What a call that decides answers. */
export const DECISION_ANSWERS: Record<number, AnswerDoc> = {
  200: { description: 'Decided, and so read by everybody', schema: decided },
  202: { description: 'Under way', schema: started.extend({ decisionId: z.string() }) },
  404: { description: 'Nobody has this id or identifier' },
  409: { description: 'What is asked does not fit the profiles as they are now' },
  422: { description: 'The identifiers named make no such decision' },
  503: { description: 'Temporal does not answer' },
};

const REFUSALS: Record<RulingRefusal, string> = {
  'same-identifier': 'a and b are the same identifier.',
  'nothing-away': 'away: names nobody; name the identifiers that are to go.',
  'everything-away': 'away: names every identifier of the profile; leave out those that are to stay.',
  'not-together':
    'away: the identifiers are not in one profile any more; look at the profile again and repeat.',
  'too-large':
    'Too many profiles hang on this decision to be judged at once; block the identifier that they share, or decide on fewer identifiers.',
};

interface Context {
  readonly store: TenantStore;
  readonly runs: Runs;
  readonly wait: boolean;
}

/** Keeps the request, starts its run and waits for its end, which readers see by then. */
export async function carryOut(
  { store, runs, wait: waits }: Context,
  task: ResolutionTask,
  because: { readonly reason: string; readonly actor: string },
): Promise<Answer> {
  const id = store.resolutions.newId();
  await store.resolutions.put({ id, task, ...because, requestedAt: new Date().toISOString() });
  const workflowId = await runs.start(RESOLUTION_WORKFLOW, resolutionOptions(store.tenant, id));
  const until = Date.now() + DECISION_WAIT_MS;
  for (let pause = LOOK_MIN_MS; waits && Date.now() < until; pause = Math.min(pause * 1.5, LOOK_MAX_MS)) {
    const outcome = (await store.resolutions.get(id))?.outcome;
    if (outcome?.status === 'done') return ok({ profiles: outcome.profiles, decisionId: id });
    if (outcome) throw notDecided(outcome.refusal, outcome.error);
    await wait(pause);
  }
  const statusUrl = `/v1/identity/decisions/${id}`;
  return { status: 202, body: { workflowId, statusUrl, decisionId: id }, headers: { location: statusUrl } };
}

function notDecided(refusal: RulingRefusal | undefined, error: string | undefined): ProblemError {
  if (refusal !== undefined) return new ProblemError(409, `decision-${refusal}`, REFUSALS[refusal]);
  return new ProblemError(409, 'decision-failed', `Nothing was changed: ${error ?? 'the run was stopped'}.`);
}
