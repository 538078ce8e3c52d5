import {
  ActivityCancellationType,
  CancellationScope,
  isCancellation,
  patched,
  proxyActivities,
} from '@temporalio/workflow';
import type { IngestActivities } from '../activities/ingest/index.ts';
import type { LaneBound } from '../domain/ingestion/raw.ts';
import type { DrainInput, IngestionInput } from './contract/ingestion.ts';

/** Runs whose drains began before there were bounds wait for empty lanes, and are not continued as new meanwhile. */
const BOUNDED_DRAINS = 'bounded-drains';

const { pendingLanes, pendingBounds, untilDrained } = proxyActivities<IngestActivities>({
  startToCloseTimeout: '1 day',
  heartbeatTimeout: '20 seconds',
  cancellationType: ActivityCancellationType.TRY_CANCEL,
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '5 seconds' },
});

/** Drains asked for and answered, by number; a later answer covers the earlier ones. */
export class Drains {
  #asked = 0;
  #answered = 0;
  /** The last of those that are being worked on. */
  #upTo = 0;
  #working = false;
  #isBounded = false;
  #isEnding = false;
  /** Of those that nobody works on yet. */
  #given: (readonly LaneBound[] | undefined)[] = [];
  #bounds: readonly LaneBound[] | undefined;
  #scope = new CancellationScope();

  get due(): boolean {
    return this.#asked > this.#answered && !this.#working && !this.isMoving;
  }

  /** Whether the run may be continued as new now. */
  get letsGo(): boolean {
    return this.#isBounded || (!this.#working && this.#asked === this.#answered);
  }

  /** Whether what is open is to be asked of the next run. */
  get isMoving(): boolean {
    return this.#isEnding && this.#isBounded;
  }

  /** Answers the number of a new one. */
  ask({ bounds }: DrainInput): number {
    this.#isBounded ||= patched(BOUNDED_DRAINS);
    this.#given.push(bounds);
    this.#asked += 1;
    return this.#asked;
  }

  isAnswered(number: number): boolean {
    return this.#answered >= number;
  }

  /** What to ask of the next run in the place of a drain. */
  next(number: number, asked: DrainInput): DrainInput {
    const bounds = asked.bounds ?? (number <= this.#upTo ? this.#bounds : undefined);
    return bounds === undefined ? {} : { bounds };
  }

  begin(): void {
    this.#isEnding = false;
  }

  /** Hands what is open to the next run, for the history is long enough. */
  end(): void {
    this.#isEnding = true;
    this.cancel();
  }

  cancel(): void {
    this.#scope.cancel();
  }

  /** Has the lanes pumped that have something pending, and waits until it is through. */
  async run(input: IngestionInput, wanted: Set<number>): Promise<void> {
    const upTo = this.#asked;
    this.#upTo = upTo;
    this.#working = true;
    this.#scope = new CancellationScope();
    try {
      await this.#scope.run(() => this.#drain(input, wanted));
      this.#answered = upTo;
    } catch (error) {
      if (!isCancellation(error)) throw error;
      // A pause ended it, and the one who asked was told; nobody waits for it any more.
      if (!this.isMoving) this.#answered = upTo;
    } finally {
      this.#working = false;
    }
  }

  async #drain(input: IngestionInput, wanted: Set<number>): Promise<void> {
    const given = this.#given.splice(0);
    this.#bounds = undefined;
    if (!this.#isBounded) {
      for (const lane of await pendingLanes(input)) wanted.add(lane);
      await untilDrained(input);
      return;
    }
    const { tenant, source } = input;
    const known = given.filter((bounds) => bounds !== undefined);
    // What is pending now has all in it that was pending at any time before.
    const bounds = known.length === given.length ? known.flat() : await pendingBounds({ tenant, source });
    this.#bounds = bounds;
    for (const { lane } of bounds) wanted.add(lane);
    await untilDrained({ tenant, source, bounds });
  }
}
