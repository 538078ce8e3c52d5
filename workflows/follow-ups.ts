import {
  allHandlersFinished,
  condition,
  continueAsNew,
  defineQuery,
  defineSignal,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { FollowUpActivities } from '../activities/follow-ups/index.ts';
import {
  FOLLOW_UPS_QUERY,
  FOLLOW_UPS_SIGNAL,
  type FollowUpsInput,
  type FollowUpsProgress,
} from './contract/follow-ups.ts';

const moreSignal = defineSignal(FOLLOW_UPS_SIGNAL);
const progressQuery = defineQuery<FollowUpsProgress>(FOLLOW_UPS_QUERY);

/** Waits for as long as it takes: a vendor's limit is lifted, a token is renewed. */
const { fetchFollowUps } = proxyActivities<FollowUpActivities>({
  startToCloseTimeout: '10 minutes',
  heartbeatTimeout: '30 seconds',
  retry: { initialInterval: '2 seconds', backoffCoefficient: 2, maximumInterval: '10 minutes' },
});

/** Fetches a source's records step by step until there are no more, and ends; the next webhook starts it again. */
export async function followUps(input: FollowUpsInput): Promise<FollowUpsProgress> {
  const { tenant, source } = input;
  let totals = input.totals ?? { fetched: 0, refused: 0 };
  let more = true;
  setHandler(moreSignal, () => {
    more = true;
  });
  setHandler(progressQuery, () => totals);
  while (more) {
    more = false;
    const step = await fetchFollowUps({ source });
    totals = { fetched: totals.fetched + step.fetched, refused: totals.refused + step.refused };
    setCurrentDetails(`${totals.fetched} records fetched, ${totals.refused} not given by the vendor`);
    more ||= !step.done;
    if (more && workflowInfo().continueAsNewSuggested) {
      await condition(allHandlersFinished);
      return continueAsNew<typeof followUps>({ tenant, source, totals });
    }
  }
  return totals;
}
