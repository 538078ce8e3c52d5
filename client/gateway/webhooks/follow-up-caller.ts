import type { WebhookStore } from '../../../storage/webhooks/types.ts';
import type { Logger } from '../log.ts';

/** How often the list of what is to be fetched is looked at: a call may have been lost with a process or with Temporal. */
const SWEEP_MS = 30_000;

/** What the caller is made of. */
export interface FollowUpCallerDeps {
  /** Starts or signals the run that fetches. */
  readonly ask: (source: string) => Promise<void>;
  readonly webhooks: Pick<WebhookStore, 'configs' | 'followUps'>;
  readonly log: Logger;
}

/** Has records fetched, in the background; the list in the store is the truth, so that a failed call is only late. */
export class FollowUpCaller {
  readonly #deps: FollowUpCallerDeps;
  /** By source: whether it was asked for again meanwhile. */
  readonly #running = new Map<string, boolean>();
  #timer: NodeJS.Timeout | undefined;

  constructor(deps: FollowUpCallerDeps) {
    this.#deps = deps;
  }

  /** Asks for a source's run; never throws, never blocks. */
  call(source: string): void {
    if (this.#running.has(source)) {
      this.#running.set(source, true);
      return;
    }
    this.#running.set(source, false);
    this.#deps
      .ask(source)
      .catch((error: unknown) => {
        this.#deps.log.warn({ source, err: error }, 'records to be fetched wait; asked again later');
      })
      .finally(() => {
        const again = this.#running.get(source) === true;
        this.#running.delete(source);
        if (again) this.call(source);
      })
      .catch(() => undefined);
  }

  /** Looks now and from now on for sources that have something to fetch and the token to do it. */
  start(): void {
    const look = (): void => {
      this.#look().catch((error: unknown) => {
        this.#deps.log.warn({ err: error }, 'looking for records to be fetched failed');
      });
    };
    look();
    this.#timer = setInterval(look, SWEEP_MS);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async #look(): Promise<void> {
    for (const { source, settings } of await this.#deps.webhooks.configs()) {
      if (settings['accessToken'] === undefined) continue;
      if ((await this.#deps.webhooks.followUps(source, 1)).length > 0) this.call(source);
    }
  }
}
