import {
  ActivityCancellationType,
  ApplicationFailure,
  CancellationScope,
  allHandlersFinished,
  condition,
  continueAsNew,
  defineQuery,
  defineSignal,
  defineUpdate,
  isCancellation,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  sleep,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { IngestActivities } from '../activities/ingest/index.ts';
import {
  DRAIN_UPDATE,
  PAUSED,
  INGESTION_PUMP_QUEUE,
  PAUSE_UPDATE,
  PROGRESS_QUERY,
  RESUME_UPDATE,
  WAKE_SIGNAL,
  type DrainAnswer,
  type DrainInput,
  type IngestionInput,
  type IngestionProgress,
  type IngestionTotals,
  type WakeInput,
} from './contract/ingestion.ts';
import { STAGE_ATTRIBUTE } from './contract/search-attributes.ts';
import { Drains } from './drains.ts';

const wakeSignal = defineSignal<[WakeInput]>(WAKE_SIGNAL);
const pauseUpdate = defineUpdate<IngestionProgress>(PAUSE_UPDATE);
const resumeUpdate = defineUpdate<IngestionProgress>(RESUME_UPDATE);
const drainUpdate = defineUpdate<DrainAnswer, [DrainInput?]>(DRAIN_UPDATE);
const progressQuery = defineQuery<IngestionProgress>(PROGRESS_QUERY);

/** A pump whose activity ended in an error that no retry mends is started again after so long. */
const AFTER_FAILURE_MS = 5_000;
const RETRY = { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '5 seconds' } as const;

const { pump } = proxyActivities<IngestActivities>({
  taskQueue: INGESTION_PUMP_QUEUE,
  startToCloseTimeout: '10 minutes',
  // Short, so that the pump of a worker that died is started elsewhere at once.
  heartbeatTimeout: '5 seconds',
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: RETRY,
});
const { holdLane } = proxyActivities<IngestActivities>({
  startToCloseTimeout: '1 day',
  heartbeatTimeout: '20 seconds',
  cancellationType: ActivityCancellationType.TRY_CANCEL,
  retry: RETRY,
});

const NOTHING: IngestionTotals = { batches: 0, items: 0, stored: 0, duplicates: 0, quarantined: 0 };

function add(a: IngestionTotals, b: IngestionTotals): IngestionTotals {
  return {
    batches: a.batches + b.batches,
    items: a.items + b.items,
    stored: a.stored + b.stored,
    duplicates: a.duplicates + b.duplicates,
    quarantined: a.quarantined + b.quarantined,
  };
}

/** The lanes of one source: which want a pump, and which have one. */
class Lanes {
  readonly #input: IngestionInput;
  readonly wanted: Set<number>;
  readonly #running = new Map<number, CancellationScope>();
  /** Lanes that nobody need wake while the source is paused. */
  readonly #held = new Set<number>();
  totals: IngestionTotals;
  paused: boolean;

  constructor(input: IngestionInput) {
    this.#input = input;
    this.wanted = new Set(input.wake ?? []);
    this.totals = input.drained ?? NOTHING;
    this.paused = input.paused ?? false;
  }

  get progress(): IngestionProgress {
    const pumping = [...this.#running.keys()].sort((a, b) => a - b);
    return { paused: this.paused, pumping, totals: this.totals };
  }

  get resting(): boolean {
    return this.#running.size === 0;
  }

  /** The lanes that want a pump and may have one now. */
  get due(): number[] {
    if (this.paused) return [];
    return [...this.wanted].filter((lane) => !this.#running.has(lane));
  }

  /** Lanes that were woken while paused and go on being woken, batch by batch, until they are marked. */
  get unheld(): number[] {
    if (!this.paused) return [];
    return [...this.wanted].filter((lane) => !this.#running.has(lane) && !this.#held.has(lane));
  }

  async hold(lane: number): Promise<void> {
    this.#held.add(lane);
    const { tenant, source } = this.#input;
    await holdLane.executeWithOptions({ summary: `lane ${lane}` }, [{ tenant, source, lane }]);
  }

  resume(): void {
    this.paused = false;
    this.#held.clear();
  }

  stop(): void {
    for (const scope of this.#running.values()) scope.cancel();
  }

  /** One run of a lane's pump. Never rejects: whatever ends a pump early leaves its lane wanted. */
  async run(lane: number): Promise<void> {
    const scope = new CancellationScope();
    this.#running.set(lane, scope);
    // A wake that comes while the pump runs is kept: it may have been meant for the end of this very pump.
    this.wanted.delete(lane);
    const { tenant, source } = this.#input;
    try {
      const result = await scope.run(() =>
        pump.executeWithOptions({ summary: `lane ${lane}` }, [{ tenant, source, lane }]),
      );
      this.totals = add(this.totals, result.totals);
      if (result.ended !== 'idle') this.wanted.add(lane);
      if (result.ended === 'cancelled') this.#held.add(lane);
    } catch (error) {
      this.wanted.add(lane);
      if (!isCancellation(error) && !scope.consideredCancelled) await sleep(AFTER_FAILURE_MS);
    } finally {
      this.#running.delete(lane);
      setCurrentDetails(describe(this.progress));
    }
  }
}

function describe({ paused, totals }: IngestionProgress): string {
  const counts = `${totals.items} items: ${totals.stored} stored, ${totals.duplicates} duplicates`;
  return `${paused ? 'Paused. ' : ''}${counts}, ${totals.quarantined} quarantined`;
}

function setHandlers(lanes: Lanes, drains: Drains): void {
  setHandler(progressQuery, () => lanes.progress);
  setHandler(wakeSignal, ({ lane }) => {
    lanes.wanted.add(lane);
  });
  setHandler(pauseUpdate, async () => {
    if (!lanes.paused) {
      lanes.paused = true;
      upsertSearchAttributes([{ key: STAGE_ATTRIBUTE, value: 'paused' }]);
    }
    lanes.stop();
    drains.cancel();
    await condition(() => lanes.resting);
    return lanes.progress;
  });
  setHandler(resumeUpdate, () => {
    if (lanes.paused) {
      lanes.resume();
      upsertSearchAttributes([{ key: STAGE_ATTRIBUTE, value: 'running' }]);
    }
    return lanes.progress;
  });
  const refuseWhilePaused = (): void => {
    if (lanes.paused)
      throw ApplicationFailure.nonRetryable('the source is paused; resume it, then drain', PAUSED);
  };
  setHandler<DrainAnswer, [DrainInput?], typeof drainUpdate>(
    drainUpdate,
    async (asked = {}) => {
      const mine = drains.ask(asked);
      await condition(() => drains.isAnswered(mine) || lanes.paused || drains.isMoving);
      refuseWhilePaused();
      return drains.isAnswered(mine) ? lanes.progress : { ...lanes.progress, next: drains.next(mine, asked) };
    },
    { validator: refuseWhilePaused },
  );
}

/** Starts what is due until the history is long enough; throws what went wrong in the work it started. */
async function keepPumping(input: IngestionInput, lanes: Lanes, drains: Drains): Promise<void> {
  const failures: unknown[] = [];
  const start = (work: Promise<void>): void => {
    work.catch((error: unknown) => failures.push(error));
  };
  const full = (): boolean => workflowInfo().continueAsNewSuggested && drains.letsGo;
  const stirred = (): boolean =>
    lanes.due.length > 0 || lanes.unheld.length > 0 || drains.due || failures.length > 0 || full();
  while (!full()) {
    await condition(stirred);
    if (failures.length > 0) throw failures[0];
    if (full()) return;
    for (const lane of lanes.due) start(lanes.run(lane));
    for (const lane of lanes.unheld) start(lanes.hold(lane));
    if (drains.due) start(drains.run(input, lanes.wanted));
  }
}

/**
 * Keeps one pump per lane of a source running while the lane has something, for as long as the source exists.
 * A lane that has nothing costs nothing; whoever adds a batch to it signals `wake`.
 */
export async function ingestion(input: IngestionInput): Promise<void> {
  const lanes = new Lanes(input);
  const drains = new Drains();
  setHandlers(lanes, drains);
  try {
    do {
      drains.begin();
      await keepPumping(input, lanes, drains);
      drains.end();
      lanes.stop();
      await condition(() => lanes.resting && (allHandlersFinished() || drains.due));
    } while (!allHandlersFinished());
  } catch (error) {
    if (!isCancellation(error)) throw error;
    await CancellationScope.nonCancellable(() => condition(() => lanes.resting));
    throw error;
  }
  await continueAsNew<typeof ingestion>({
    tenant: input.tenant,
    source: input.source,
    paused: lanes.paused,
    wake: [...lanes.wanted],
    drained: lanes.totals,
  });
}
