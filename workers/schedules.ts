import type { Schedule } from '../domain/schedules/types.ts';
import type { ScheduleName, ScheduleStore } from '../storage/schedules/types.ts';
import type { Logger } from './log.ts';

/** Between looks at all schedules, in milliseconds. */
const LOOK_MS = 30_000;

/** How schedules are told to Temporal. Both reject while it does not answer. */
export interface ScheduleCalls {
  apply(schedule: Schedule): Promise<'created' | 'updated' | 'unchanged'>;
  remove(which: ScheduleName): Promise<void>;
}

/**
 * Keeps Temporal's schedules as the store has them, whatever lost them: Temporal's database, or a Temporal that did not
 * answer when they were changed.
 */
export class ScheduleKeeper {
  readonly #schedules: Pick<ScheduleStore, 'all'>;
  readonly #calls: ScheduleCalls;
  readonly #log: Pick<Logger, 'info' | 'warn'>;
  /** Versions at which what was removed is gone from Temporal too. */
  readonly #gone = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;

  constructor(
    schedules: Pick<ScheduleStore, 'all'>,
    calls: ScheduleCalls,
    log: Pick<Logger, 'info' | 'warn'>,
  ) {
    this.#schedules = schedules;
    this.#calls = calls;
    this.#log = log;
  }

  /** Looks now, and from now on. */
  start(): void {
    const look = (): void => {
      this.look()
        .catch((error: unknown) => {
          this.#log.warn({ err: error }, 'schedules could not be told to Temporal; it is tried again');
        })
        .finally(() => {
          if (this.#timer !== undefined) this.#timer = setTimeout(look, LOOK_MS);
        })
        .catch(() => undefined);
    };
    this.#timer = setTimeout(look, 0);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** One look at all schedules. */
  async look(): Promise<void> {
    for (const stored of await this.#schedules.all()) {
      const { source, name, version } = stored;
      if (!('removed' in stored)) {
        const outcome = await this.#calls.apply(stored);
        if (outcome !== 'unchanged')
          this.#log.info({ source, schedule: name, version, outcome }, 'schedule told to Temporal');
        continue;
      }
      const key = `${source}/${name}`;
      if (this.#gone.get(key) === version) continue;
      await this.#calls.remove(stored);
      this.#gone.set(key, version);
    }
  }
}
