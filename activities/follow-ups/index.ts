import { ApplicationFailure, Context } from '@temporalio/activity';
import type { TenantStore } from '../../storage/tenant.types.ts';
import type { FollowUp, WebhookConfig } from '../../storage/webhooks/types.ts';
import { readLead, type LeadAnswer } from './graph.ts';

/** Records of one step; a step is done again from where it stopped. */
const STEP_MAX = 50;
/** As the gateway keeps the ids of webhooks' messages. */
const DEDUPE_SECONDS = 35 * 24 * 3600;

/** What following up works with. */
export interface FollowUpDeps {
  readonly store: Pick<TenantStore, 'webhooks' | 'batches'>;
  /** Wakes the lane that a batch landed on. */
  readonly wake: (source: string, lane: number) => Promise<void>;
}

/** What a step did. */
export interface FollowUpStep {
  readonly fetched: number;
  readonly refused: number;
  /** Nothing is left, or nothing can be fetched before somebody gives a token. */
  readonly done: boolean;
}

/** The activities of following up on webhooks. */
export type FollowUpActivities = ReturnType<typeof createFollowUpActivities>;

/** Creates the activities. */
export function createFollowUpActivities(deps: FollowUpDeps) {
  return {
    /**
     * Fetches the next records of a source and takes them in as a batch; then, and not before, they are off the list.
     * What a crash in between has fetched twice is a duplicate. Throws, to be tried again, where the vendor says wait.
     */
    async fetchFollowUps({ source }: { readonly source: string }): Promise<FollowUpStep> {
      const { webhooks } = deps.store;
      const config = await webhooks.config(source);
      const token = config?.settings['accessToken'];
      if (config === undefined || token === undefined) return { fetched: 0, refused: 0, done: true };
      const open = await webhooks.followUps(source, STEP_MAX);
      const lines: string[] = [];
      const settled: string[] = [];
      let fetched = 0;
      let waiting: Extract<LeadAnswer, { kind: 'wait' }> | undefined;
      for (const followUp of open) {
        Context.current().heartbeat({ fetched });
        const access = { url: config.settings['graphUrl'], token };
        const answer = await readLead(access, followUp.id, Context.current().cancellationSignal);
        if (answer.kind === 'wait') {
          waiting = answer;
          break;
        }
        if (answer.kind === 'lead') fetched += 1;
        lines.push(lineOf(followUp, answer));
        settled.push(followUp.id);
      }
      await takeIn(deps, config, lines);
      await webhooks.removeFollowUps(source, settled);
      if (waiting !== undefined) throw notYet(waiting);
      return { fetched, refused: settled.length - fetched, done: open.length < STEP_MAX };
    },
  };
}

/** The record as an item of its source; one that is not given is held in quarantine with what its webhook said of it. */
function lineOf(followUp: FollowUp, answer: Exclude<LeadAnswer, { kind: 'wait' }>): string {
  const item =
    answer.kind === 'lead'
      ? { body: answer.lead }
      : { body: followUp.facts, reject: { code: answer.code, detail: answer.detail } };
  return JSON.stringify({ ...item, receivedAt: new Date().toISOString(), delivery: followUp.facts });
}

async function takeIn(deps: FollowUpDeps, config: WebhookConfig, lines: readonly string[]): Promise<void> {
  if (lines.length === 0) return;
  const receivedAt = new Date();
  const { header, needsWake } = await deps.store.batches.append(
    {
      source: config.source,
      lane: 0,
      mapping: config.mapping,
      items: lines.length,
      receivedAt: receivedAt.toISOString(),
      dedupeUntil: Math.floor(receivedAt.getTime() / 1_000) + DEDUPE_SECONDS,
    },
    lines,
  );
  if (needsWake) await deps.wake(header.source, header.lane);
}

function notYet({ why, afterMs }: Extract<LeadAnswer, { kind: 'wait' }>): ApplicationFailure {
  return ApplicationFailure.create({
    message: `the vendor's records can not be fetched now: ${why}`,
    type: 'VendorSaysWait',
    ...(afterMs === undefined ? {} : { nextRetryDelay: afterMs }),
  });
}
