import type { ResolutionStore } from '../storage/resolutions/types.ts';
import type { Logger } from './log.ts';

/** How far back a decision without an outcome is looked for, in milliseconds: thirty days. */
const LOOK_BACK_MS = 30 * 86_400_000;
const PAGE = 1_000;

/** What resuming needs. `start` starts a decision's run unless Temporal knows one of its id; `now` is in milliseconds. */
export interface ResumeOptions {
  readonly resolutions: Pick<ResolutionStore, 'list'>;
  readonly start: (resolutionId: string) => Promise<void>;
  readonly log: Pick<Logger, 'info'>;
  readonly now?: () => number;
}

/**
 * Starts the runs of decisions that were kept and never carried out, whatever lost them: Temporal's database, or a
 * Temporal that did not answer when they were asked for. Oldest first, as they were decided. Answers how many there were.
 */
export async function resumeResolutions(options: ResumeOptions): Promise<number> {
  const { resolutions, start, log, now = Date.now } = options;
  const since = new Date(now() - LOOK_BACK_MS).toISOString();
  const open: string[] = [];
  let cursor: string | null | undefined;
  do {
    const page = await resolutions.list({ limit: PAGE, ...(cursor ? { cursor } : {}) });
    const recent = page.items.filter(({ requestedAt }) => requestedAt >= since);
    open.push(...recent.filter(({ outcome }) => outcome === undefined).map(({ id }) => id));
    cursor = recent.length < page.items.length ? null : page.cursor;
  } while (cursor);
  for (const id of open.reverse()) await start(id);
  if (open.length > 0)
    log.info({ decisions: open.length }, 'decisions without an outcome are taken up again');
  return open.length;
}
