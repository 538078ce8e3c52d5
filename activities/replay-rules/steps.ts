import { setTimeout as sleep } from 'node:timers/promises';
import { ApplicationFailure, Context } from '@temporalio/activity';
import { STEP_STATUS } from '../../domain/identity/replay.ts';
import type { Simulation } from '../../domain/identity/replay.ts';
import { InvalidConfig } from '../../storage/registry/errors.ts';
import { reportOn } from './judge-tenant.ts';
import type { FinishStepInput, ReplayDeps, StepInput } from './types.ts';

/** What was asked under an id. Throws a clear failure where nothing was. */
export async function simulationOf(deps: ReplayDeps, { simulationId }: StepInput): Promise<Simulation> {
  const found = await deps.store.simulations.get(simulationId);
  if (found === undefined)
    throw ApplicationFailure.nonRetryable(`there is no simulation ${simulationId}`, 'UnknownSimulation');
  return found;
}

/**
 * Makes the rules of the step the version in force: the candidate, or what was in force before it. Done once: another
 * try finds its version on the run. When it returns, new events are judged by them in every process.
 */
export async function beginStep(deps: ReplayDeps, input: StepInput): Promise<void> {
  const { step } = input;
  if (step === 'simulate') return;
  await makeInForce(deps, input);
  await sleep(deps.settleMs);
}

async function makeInForce(deps: ReplayDeps, input: StepInput): Promise<void> {
  const { step, simulationId } = input;
  const simulation = await simulationOf(deps, input);
  const isUndo = step === 'undo';
  const made = isUndo ? simulation.undoneVersion : simulation.promotedVersion;
  if (made !== undefined) return;
  const wanted = isUndo ? simulation.base : simulation.candidate;
  const after = isUndo ? simulation.promotedVersion : simulation.base.version;
  const reason = `${step} ${simulationId}`;
  const version = await inForce(deps, wanted, { actor: simulation.actor, reason, after });
  await deps.store.simulations.change(simulationId, (known) =>
    isUndo ? { ...known, undoneVersion: version } : { ...known, promotedVersion: version },
  );
}

async function inForce(
  { store }: ReplayDeps,
  rules: Simulation['base'],
  by: { readonly actor: string; readonly reason: string; readonly after: number | undefined },
): Promise<number> {
  const { actor, reason, after } = by;
  // A try that was cut short after the change has left it as the newest version, under this very reason.
  const newest = (await store.registry.rulesVersions()).at(-1);
  if (newest?.by?.reason === reason) return newest.rules.version;
  try {
    const made = await store.registry.setRules(rules, {
      actor,
      reason,
      ...(after === undefined ? {} : { after }),
    });
    return made.version;
  } catch (error) {
    if (!(error instanceof InvalidConfig)) throw error;
    throw ApplicationFailure.nonRetryable(
      `the rules were changed meanwhile: ${error.message}`,
      'RulesChanged',
    );
  }
}

/** Judges all history by the candidate rules and keeps the report. Changes nothing else. */
export async function simulateRules(deps: ReplayDeps, input: StepInput): Promise<{ profiles: number }> {
  const context = Context.current();
  const { candidate } = await simulationOf(deps, input);
  let profiles = 0;
  const report = await beating(() =>
    reportOn(deps.store, {
      rules: candidate,
      signal: context.cancellationSignal,
      onRead: (count) => {
        profiles = count;
      },
    }),
  );
  await deps.store.simulations.putReport(input.simulationId, report);
  return { profiles };
}

/** Heartbeats while work goes on elsewhere in the process. */
export async function beating<T>(work: () => Promise<T>): Promise<T> {
  const context = Context.current();
  const beat = setInterval(() => {
    context.heartbeat();
  }, 1_000);
  try {
    return await work();
  } finally {
    clearInterval(beat);
  }
}

/** Notes how the step ended, and forgets its work. */
export async function finishStep(deps: ReplayDeps, input: FinishStepInput): Promise<void> {
  const { step, simulationId, error } = input;
  await deps.store.simulations.dropWork(simulationId);
  await deps.store.simulations.change(simulationId, (known) => ({
    ...known,
    status: error === undefined ? STEP_STATUS[step].done : 'failed',
    ...(error === undefined ? {} : { error }),
  }));
}
