import { createQuarantineActivities } from '../../../activities/quarantine/index.ts';
import { createReplayMappingActivities } from '../../../activities/replay-mapping/index.ts';
import type { MappingReplayOutcome } from '../../../domain/mapping/replay.ts';
import type { MappingDefinition } from '../../../domain/mapping/types.ts';
import type { TenantStore } from '../../../storage/tenant.types.ts';
import { pumpAll, quietEnvironment, runActivity, SOURCE, TENANT } from '../tenant.ts';

/** Rounds of judging that a run makes at most. */
const ROUNDS_MAX = 5;

/** A mapping of events with these identifiers, names, traits and times by path. */
export function mappingOf(
  paths: {
    readonly identifiers: Readonly<Record<string, string>>;
    readonly traits?: Readonly<Record<string, string>>;
    readonly event?: string;
    readonly required?: string;
    readonly messageId?: string;
  },
  name = 'till',
): Omit<MappingDefinition, 'version'> {
  const { identifiers, traits = {}, event = 'Order Completed', required, messageId } = paths;
  const at = (path: string): object => ({ path, ...(path === required && { required: true }) });
  return {
    ...{ name, description: '', kind: 'record' },
    record: {
      type: 'track',
      event: { const: event },
      identifiers: Object.fromEntries(Object.entries(identifiers).map(([type, path]) => [type, at(path)])),
      traits: Object.fromEntries(Object.entries(traits).map(([trait, path]) => [trait, at(path)])),
      properties: { revenue: { path: 'revenue', as: 'decimal' } },
      ...(messageId !== undefined && { messageId: { path: messageId } }),
    },
  } as Omit<MappingDefinition, 'version'>;
}

/** Takes records in as one batch and pumps them. */
export async function take(
  store: TenantStore,
  bodies: readonly object[],
  options: { readonly mapping?: string; readonly first?: number } = {},
): Promise<void> {
  const { mapping = 'till@1', first = 0 } = options;
  const receivedAt = '2026-06-01T10:00:00.000Z';
  // Of events at one moment the address decides, which is another in each tenant.
  const minute = (n: number): string => new Date(Date.parse(receivedAt) + (first + n) * 60_000).toISOString();
  await store.batches.append(
    { source: SOURCE, lane: 0, mapping, items: bodies.length, receivedAt },
    bodies.map((body, n) => JSON.stringify({ body, receivedAt: minute(n) })),
  );
  await pumpAll(store);
}

let runs = 0;

/** Asks for a run; answers its id. */
export async function ask(
  store: TenantStore,
  mapping: string,
  times: { readonly from?: string; readonly to?: string } = {},
): Promise<string> {
  const runId = `run${String((runs += 1))}`;
  const requestedAt = new Date().toISOString();
  await store.mappingReplays.putRequest({ runId, source: SOURCE, mapping, requestedAt, ...times });
  await store.releases.putRequest({
    ...{ runId, requestedAt, filter: { source: SOURCE }, mapping },
    cameWith: mapping.split('@')[0] ?? mapping,
  });
  return runId;
}

/** Carries a run out as its workflow does; `rounds` of judging at most, each of which takes a thread of its own. */
export async function carryOut(
  store: TenantStore,
  runId: string,
  rounds = ROUNDS_MAX,
): Promise<MappingReplayOutcome> {
  const environment = quietEnvironment();
  const activities = createReplayMappingActivities({ store, settleMs: 0 });
  const releases = createQuarantineActivities({ store, wake: () => Promise.resolve() });
  const at = { tenant: TENANT, source: SOURCE, runId };
  const run = <T>(work: () => Promise<T>): Promise<T> => runActivity(work, environment);
  const { slices } = await run(() => activities.planReplay(at));
  for (let slice = 0; slice < slices; slice += 1) await run(() => activities.replaySlice({ ...at, slice }));
  let left = 0;
  for (let round = 1; round <= rounds; round += 1) {
    const judged = await run(() => activities.judgeRound({ ...at, round }));
    left = judged.left;
    if (judged.regions === 0) break;
  }
  let released = 0;
  for (let step = 0, done = false; !done; step += 1) {
    const result = await run(() => releases.releaseStep({ tenant: TENANT, runId, step }));
    released += result.released;
    done = result.done;
  }
  await pumpAll(store);
  const { heldAgain } = await run(() => releases.releaseOutcome({ tenant: TENANT, runId }));
  const ended = { status: 'done' as const, released, heldAgain, left };
  await run(() => activities.finishReplay({ ...at, ended }));
  const outcome = await store.mappingReplays.outcome(runId);
  if (outcome === undefined) throw new Error('a run ended without an outcome');
  return outcome;
}

/** Asks for a run of a mapping's version and carries it out. */
export async function replay(
  store: TenantStore,
  mapping: string,
  times: { readonly from?: string; readonly to?: string } = {},
): Promise<MappingReplayOutcome> {
  return carryOut(store, await ask(store, mapping, times));
}
