import { ApplicationFailure } from '@temporalio/activity';
import { limitOf } from '../../domain/identity/rules.ts';
import type { LinkRequest } from '../../domain/link-records/run.ts';
import type { TenantStore } from '../../storage/tenant.types.ts';
import type { LinkInput, LinkPlan } from './types.ts';

/** A fault of what was asked: trying again would not help. */
export function linkFailure(type: string, sentence: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(sentence, type);
}

/** What was asked under a run id. Throws a clear failure where nothing was. */
export async function requestOf(
  store: Pick<TenantStore, 'linkage'>,
  { runId }: LinkInput,
): Promise<LinkRequest> {
  const request = await store.linkage.runs.request(runId);
  if (request === undefined)
    throw linkFailure('unknown-run', `there is no run ${runId}; it was never asked for`);
  return request;
}

/** Checks what can be checked before anything is read. Throws failures that say what to change. */
export async function planRun(
  store: Pick<TenantStore, 'linkage' | 'registry'>,
  input: LinkInput,
): Promise<LinkPlan> {
  const request = await requestOf(store, input);
  const { runId, sources, dryRun, recordType, model } = request;
  for (const source of sources)
    if ((await store.registry.source(source)) === undefined)
      throw linkFailure('unknown-source', `there is no source "${source}"; see tessera source list`);
  if (limitOf(recordType, (await store.registry.config()).identity) === 1)
    throw linkFailure(
      'type-is-unique',
      `the rules allow one ${recordType} a profile, so that no two of them can be linked; change "unique" and "limits"`,
    );
  if (model !== undefined && (await store.linkage.models.get(model)) === undefined)
    throw linkFailure('unknown-model', `there is no model "${model}"; see tessera identity runs`);
  if (request.mode === 'incremental' && (await store.linkage.runs.current(request)) === undefined)
    throw linkFailure(
      'no-earlier-run',
      'these sources were not linked before; link them as a whole first, without --incremental',
    );
  return { runId, sources, dryRun };
}
