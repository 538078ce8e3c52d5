import { randomUUID } from 'node:crypto';
import { Context } from '@temporalio/activity';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import type { IngestActivities } from '../../activities/ingest/index.ts';
import type { DrainedInput } from '../../activities/ingest/lanes.ts';
import type { PumpInput } from '../../activities/ingest/pump.ts';
import type { PumpResult } from '../../activities/ingest/run-pump.ts';
import type { LaneBound } from '../../domain/ingestion/raw.ts';
import { workflowBundle } from '../../workers/bundle.ts';
import {
  INGESTION_PUMP_QUEUE,
  INGESTION_QUEUE,
  ingestionWorkflowId,
  type IngestionInput,
} from '../../workflows/contract/ingestion.ts';

/** Pumps that a test drives: how many items each lane has, and what was done. */
export class FakePumps implements IngestActivities {
  readonly pending = new Map<number, number>();
  readonly runs: number[] = [];
  readonly held: number[] = [];
  /** So many of the next pumps fail as if their worker had died. */
  failures = 0;
  /** While true, a pump goes on until it is cancelled. */
  endless = false;
  /** While true, no drain is through. */
  stuck = false;
  /** The bounds that were waited for. */
  readonly waits: (readonly LaneBound[] | undefined)[] = [];

  async pump(input: PumpInput): Promise<PumpResult> {
    this.runs.push(input.lane);
    if (this.failures > 0) {
      this.failures -= 1;
      throw new Error('the worker died');
    }
    const context = Context.current();
    const result = (ended: PumpResult['ended'], items: number): PumpResult => ({
      ended,
      totals: { batches: items, items, stored: items, duplicates: 0, quarantined: 0 },
    });
    while (this.endless) {
      context.heartbeat();
      if (context.cancellationSignal.aborted) return result('cancelled', 0);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    const items = this.pending.get(input.lane) ?? 0;
    this.pending.set(input.lane, 0);
    return Promise.resolve(result('idle', items));
  }

  pendingLanes(): Promise<number[]> {
    return Promise.resolve([...this.pending].filter(([, items]) => items > 0).map(([lane]) => lane));
  }

  async pendingBounds(): Promise<LaneBound[]> {
    return (await this.pendingLanes()).map((lane) => ({ lane, through: `b${this.pending.get(lane) ?? 0}` }));
  }

  async untilDrained({ bounds }: DrainedInput): Promise<void> {
    this.waits.push(bounds);
    const context = Context.current();
    while (this.stuck || (await this.pendingLanes()).length > 0) {
      context.heartbeat();
      if (context.cancellationSignal.aborted) await context.cancelled;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  holdLane(input: { readonly lane: number }): Promise<void> {
    this.held.push(input.lane);
    return Promise.resolve();
  }

  /** As the worker registers them. */
  get activities(): IngestActivities {
    return {
      pump: (input) => this.pump(input),
      pendingLanes: () => this.pendingLanes(),
      pendingBounds: () => this.pendingBounds(),
      untilDrained: (input) => this.untilDrained(input),
      holdLane: (input) => this.holdLane(input),
    };
  }
}

/** A source of its own, so that tests on one server never meet. */
export function sourceOf(): { input: IngestionInput; workflowId: string } {
  const source = `s-${randomUUID().slice(0, 8)}`;
  return { input: { tenant: 'test', source }, workflowId: ingestionWorkflowId('test', source) };
}

/** Runs both workers of a process over fake pumps while `body` runs. */
export async function withWorkers<T>(
  environment: TestWorkflowEnvironment,
  pumps: FakePumps,
  body: () => Promise<T>,
): Promise<T> {
  const shared = {
    connection: environment.nativeConnection,
    activities: pumps.activities,
    maxHeartbeatThrottleInterval: 50,
    ...(environment.namespace === undefined ? {} : { namespace: environment.namespace }),
  };
  const pumping = await Worker.create({ ...shared, taskQueue: INGESTION_PUMP_QUEUE });
  const workflows = await Worker.create({
    ...shared,
    taskQueue: INGESTION_QUEUE,
    workflowBundle: await workflowBundle(),
    workflowThreadPoolSize: 1,
  });
  return workflows.runUntil(pumping.runUntil(body));
}
