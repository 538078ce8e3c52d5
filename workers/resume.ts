import type { ResolutionStore } from '../storage/resolutions/types.ts';
import type { Logger } from './log.ts';

/** Ids read at a time. */
const PAGE = 1_000;

/** What resuming needs. `start` starts a decision's run unless Temporal knows one of its id. */
export interface ResumeOptions {
  readonly resolutions: Pick<ResolutionStore, 'open'>;
  readonly start: (resolutionId: string) => Promise<void>;
  readonly log: Pick<Logger, 'info'>;
}

/**
 * Starts the runs of decisions that were kept and never carried out, whatever lost them: Temporal's database, or a
 * Temporal that did not answer when they were asked for. Oldest first, as they were decided. Answers how many there were.
 */
export async function resumeResolutions({ resolutions, start, log }: ResumeOptions): Promise<number> {
  let count = 0;
  for (let after: string | undefined; ;) {
    const page = await resolutions.open({ limit: PAGE, ...(after === undefined ? {} : { after }) });
    for (const id of page) await start(id);
    count += page.length;
    if (page.length < PAGE) break;
    after = page.at(-1);
  }
  if (count > 0) log.info({ decisions: count }, 'decisions without an outcome are taken up again');
  return count;
}
