import {
  continueAsNew,
  defineQuery,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { QuarantineActivities } from '../activities/quarantine/index.ts';
import {
  RELEASE_PROGRESS_QUERY,
  type ReleasePosition,
  type ReleaseProgress,
  type ReleaseQuarantineInput,
} from './contract/release-quarantine.ts';
import { STAGE_ATTRIBUTE } from './contract/search-attributes.ts';

const progressQuery = defineQuery<ReleaseProgress>(RELEASE_PROGRESS_QUERY);

const { releaseStep, releaseOutcome } = proxyActivities<QuarantineActivities>({
  startToCloseTimeout: '1 day',
  heartbeatTimeout: '20 seconds',
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '10 seconds' },
});

/**
 * Releases many entries of quarantine through the normal way, step by step, waits until the pumps are through with
 * them, and says how many came back. A crash resumes at the step at hand; nothing is sent twice.
 */
export async function releaseQuarantine(input: ReleaseQuarantineInput): Promise<ReleaseProgress> {
  const { tenant, runId } = input;
  let at: ReleasePosition = input.from ?? { step: 0, released: 0, gone: 0 };
  let progress: ReleaseProgress = {
    status: 'releasing',
    released: at.released,
    gone: at.gone,
    tooDeep: at.tooDeep ?? 0,
    heldAgain: 0,
  };
  const report = (changed: Partial<ReleaseProgress>): void => {
    progress = { ...progress, ...changed };
    const { released, gone, tooDeep, heldAgain } = progress;
    setCurrentDetails(
      `${released} released, ${gone} gone, ${tooDeep} nested too deeply, ${heldAgain} in quarantine again`,
    );
  };
  setHandler(progressQuery, () => progress);
  for (;;) {
    const step = await releaseStep({ tenant, runId, step: at.step });
    const released = at.released + step.released;
    const gone = at.gone + step.gone;
    const tooDeep = (at.tooDeep ?? 0) + (step.tooDeep ?? 0);
    at = { step: at.step + 1, released, gone, tooDeep };
    report({ released, gone, tooDeep });
    if (step.done) break;
    if (workflowInfo().continueAsNewSuggested)
      await continueAsNew<typeof releaseQuarantine>({ tenant, runId, from: at });
  }
  report({ status: 'draining' });
  upsertSearchAttributes([{ key: STAGE_ATTRIBUTE, value: 'draining' }]);
  const { heldAgain } = await releaseOutcome({ tenant, runId });
  report({ status: 'done', heldAgain });
  upsertSearchAttributes([{ key: STAGE_ATTRIBUTE, value: 'done' }]);
  return progress;
}
