import { createUlids } from '../../../storage/intake/ulid.ts';
import { STEP_STATUS, whyNot } from '../../../domain/identity/replay.ts';
import type { ReplayProgress, ReplayStep, Simulation } from '../../../domain/identity/replay.ts';
import { diffRules } from '../../../domain/identity/rules-diff.ts';
import type { IdentityRules } from '../../../domain/identity/rule-types.ts';
import type { ChangedBy } from '../../../storage/registry/types.ts';
import type { TenantStore } from '../../../storage/tenant.types.ts';
import {
  REPLAY_PROGRESS_QUERY,
  REPLAY_RULES_WORKFLOW,
  replayWorkflowId,
} from '../../../workflows/contract/replay-rules.ts';
import { replayOptions } from '../../../workflows/contract/start.ts';
import { ProblemError } from '../problem.ts';
import type { Runs } from '../runs.ts';

/** Who asks, as the query says. */
export interface Asked {
  readonly actor: string;
  readonly reason?: string | undefined;
}

/** Where to follow a run. */
export interface StartedReplay {
  readonly simulationId: string;
  readonly workflowId: string;
  readonly statusUrl: string;
}

/** Starts runs of rules over history. */
export interface ReplayStarter {
  simulate(candidate: Omit<IdentityRules, 'version'>, asked: Asked): Promise<StartedReplay>;
  /** Has history judged by rules that are in force already; null where Temporal does not answer now. */
  rejudge(before: IdentityRules, rules: IdentityRules, asked: Asked): Promise<StartedReplay | null>;
  /** Begins a step of a run. Throws `ProblemError` 404, or 409 where it is not the time for it. */
  step(simulationId: string, step: Exclude<ReplayStep, 'simulate'>): Promise<StartedReplay>;
  discard(simulationId: string): Promise<Simulation>;
  progress(simulation: Simulation): Promise<ReplayProgress | undefined>;
}

/** Who changed what, without what was not said. */
export function changedBy({ actor, reason }: Asked): ChangedBy {
  return { actor, ...(reason === undefined ? {} : { reason }) };
}

/** Starts and asks the tenant's runs of rules. */
export function createReplays(store: TenantStore, runs: Runs): ReplayStarter {
  const newId = createUlids(Date.now);

  async function start(simulationId: string, step: ReplayStep): Promise<StartedReplay> {
    const options = replayOptions({ tenant: store.tenant, simulationId, step });
    const workflowId = await runs.start(REPLAY_RULES_WORKFLOW, options);
    return { simulationId, workflowId, statusUrl: `/v1/identity/simulations/${simulationId}` };
  }

  async function add(simulation: Omit<Simulation, 'simulationId' | 'requestedAt'>): Promise<string> {
    const simulationId = newId();
    const requestedAt = new Date().toISOString();
    await store.simulations.add({ simulationId, requestedAt, ...simulation });
    return simulationId;
  }

  async function enter(simulationId: string, wanted: 'promote' | 'undo' | 'discard'): Promise<Simulation> {
    const status = wanted === 'discard' ? 'discarded' : STEP_STATUS[wanted].running;
    const found = await store.simulations.change(simulationId, (known) => {
      const reason = whyNot(wanted, known.status);
      if (reason === undefined) return { ...known, status };
      throw new ProblemError(409, 'not-now', `The simulation can not be taken to ${wanted}: ${reason}.`);
    });
    if (found === undefined) throw noSuchSimulation();
    return found;
  }

  return {
    async simulate(candidate, asked) {
      const base = (await store.registry.config()).identity;
      const rules = { ...candidate, version: base.version };
      const by = changedBy(asked);
      const simulationId = await add({ status: 'simulating', base, candidate: rules, ...by });
      return start(simulationId, 'simulate');
    },
    async rejudge(before, rules, asked) {
      const simulationId = await add({
        status: 'promoting',
        base: before,
        candidate: rules,
        promotedVersion: rules.version,
        ...changedBy(asked),
      });
      try {
        return await start(simulationId, 'promote');
      } catch (error) {
        // The rules are in force all the same; promoting the run again has history judged.
        if (!(error instanceof ProblemError) || error.status !== 503) throw error;
        await store.simulations.change(simulationId, (known) => ({ ...known, status: 'failed' }));
        return null;
      }
    },
    async step(simulationId, step) {
      const found = await store.simulations.get(simulationId);
      if (found === undefined) throw noSuchSimulation();
      const { identity } = await store.registry.config();
      const isInForce = found.promotedVersion === identity.version;
      // A promotion that failed on its way is gone on with; any other starts from the rules that it was tried on.
      const expected = step === 'undo' ? found.candidate : found.base;
      if (!isInForce && (step === 'undo' || diffRules(expected, identity).length > 0))
        throw rulesChanged(step);
      await enter(simulationId, step);
      if (step === 'promote' && !isInForce)
        await store.simulations.change(simulationId, (known) => restarted(known, identity.version));
      return start(simulationId, step);
    },
    discard: (simulationId) => enter(simulationId, 'discard'),
    progress: (simulation) => progressOf(store.tenant, runs, simulation),
  };
}

/** A run as it was before it was ever promoted. */
function restarted(known: Simulation, version: number): Simulation {
  const { simulationId, status, base, candidate, requestedAt, actor, reason } = known;
  return {
    ...{ simulationId, status, candidate, requestedAt, actor, base: { ...base, version } },
    ...(reason === undefined ? {} : { reason }),
  };
}

function rulesChanged(step: string): ProblemError {
  return new ProblemError(
    409,
    'rules-changed',
    `The rules in force are others than those that this ${step} starts from; simulate the change again.`,
  );
}

async function progressOf(
  tenant: string,
  runs: Runs,
  { simulationId, status }: Simulation,
): Promise<ReplayProgress | undefined> {
  const step = stepOf(status);
  if (step === undefined) return undefined;
  return runs.ask<ReplayProgress>(replayWorkflowId(tenant, simulationId, step), REPLAY_PROGRESS_QUERY);
}

/** The step that a run is in; undefined where it is in none. */
export function stepOf(status: Simulation['status']): ReplayStep | undefined {
  switch (status) {
    case 'simulating':
      return 'simulate';
    case 'promoting':
      return 'promote';
    case 'undoing':
      return 'undo';
    case 'simulated':
    case 'promoted':
    case 'undone':
    case 'discarded':
    case 'failed':
      return undefined;
  }
}

/** 404. */
export function noSuchSimulation(): ProblemError {
  return new ProblemError(
    404,
    'no-such-simulation',
    'There is no simulation of this id; see /v1/identity/simulations.',
  );
}
