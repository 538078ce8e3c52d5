import { Client, Connection, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import type { DataConverter } from '@temporalio/common';
import type { NativeConnectionOptions } from '@temporalio/worker';
import { applySchedule, removeSchedule } from '../workflows/contract/apply-schedule.ts';
import { INGESTION_WORKFLOW } from '../workflows/contract/ingestion.ts';
import { RESOLUTION_WORKFLOW } from '../workflows/contract/resolution.ts';
import { resolutionOptions, wakeOptions } from '../workflows/contract/start.ts';
import type { TemporalAccess } from './config.ts';
import type { ScheduleCalls } from './schedules.ts';

/** A call to Temporal that takes longer has failed, in milliseconds. */
const CALL_TIMEOUT_MS = 10_000;

/** Options that the native connection and the client's share. */
export function connectionOptions(access: TemporalAccess): NativeConnectionOptions {
  return {
    address: access.address,
    ...(access.tls === false ? {} : { tls: access.tls }),
    ...(access.apiKey === undefined
      ? {}
      : { apiKey: access.apiKey, metadata: { 'temporal-namespace': access.namespace } }),
  };
}

/** The worker's own way to start and signal workflows. */
export interface TenantClient {
  /** Signals a lane's workflow, starting it where it is not running. Rejects while Temporal does not answer. */
  wake(source: string, lane: number): Promise<void>;
  /** Starts a decision's run unless Temporal knows one of its id, at work or ended. Rejects while Temporal does not answer. */
  resolve(resolutionId: string): Promise<void>;
  readonly schedules: ScheduleCalls;
  close(): Promise<void>;
}

/** Opens a client that connects at its first call. */
export function openTenantClient(
  tenant: string,
  access: TemporalAccess,
  converter: DataConverter,
): TenantClient {
  const { address, tls, apiKey, metadata } = connectionOptions(access);
  const connection = Connection.lazy({
    ...(address === undefined ? {} : { address }),
    ...(tls === undefined ? {} : { tls }),
    ...(apiKey === undefined ? {} : { apiKey }),
    ...(metadata === undefined ? {} : { metadata }),
  });
  const client = new Client({ connection, namespace: access.namespace, dataConverter: converter });
  return {
    async wake(source, lane) {
      await connection.withDeadline(Date.now() + CALL_TIMEOUT_MS, () =>
        client.workflow.signalWithStart(INGESTION_WORKFLOW, wakeOptions(tenant, source, lane)),
      );
    },
    async resolve(resolutionId) {
      const options = resolutionOptions(tenant, resolutionId);
      try {
        await connection.withDeadline(Date.now() + CALL_TIMEOUT_MS, () =>
          client.workflow.start(RESOLUTION_WORKFLOW, {
            ...options,
            workflowIdReusePolicy: 'REJECT_DUPLICATE',
          }),
        );
      } catch (error) {
        if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      }
    },
    schedules: {
      apply: (schedule) =>
        connection.withDeadline(Date.now() + CALL_TIMEOUT_MS, () =>
          applySchedule(client.schedule, tenant, schedule),
        ),
      remove: (which) =>
        connection.withDeadline(Date.now() + CALL_TIMEOUT_MS, () =>
          removeSchedule(client.schedule, tenant, which),
        ),
    },
    close: () => connection.close(),
  };
}
