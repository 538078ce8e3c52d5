import { Counter, type Registry } from 'prom-client';
import type { SyncObserver } from '../activities/sync/types.ts';

/** Counts what syncs read, wait for and come to. Labels are names of sources and codes. */
export function createSyncMetrics(registry: Registry): SyncObserver {
  const registers = [registry];
  const pages = new Counter({
    name: 'tessera_sync_pages_total',
    help: "Pages read of vendors' APIs.",
    labelNames: ['source'] as const,
    registers,
  });
  const records = new Counter({
    name: 'tessera_sync_records_total',
    help: "Records on pages of vendors' APIs: taken in, deleted, known from the overlap, or malformed.",
    labelNames: ['source', 'outcome'] as const,
    registers,
  });
  const waits = new Counter({
    name: 'tessera_sync_waits_total',
    help: 'Times that a sync waited for a vendor, for its rate limit or since it could not answer.',
    labelNames: ['source', 'why'] as const,
    registers,
  });
  const runs = new Counter({
    name: 'tessera_sync_runs_total',
    help: 'Runs of syncs that ended, by status.',
    labelNames: ['source', 'status'] as const,
    registers,
  });
  return {
    page: (source, { rows, repeated, deleted, malformed }) => {
      pages.inc({ source });
      records.inc({ source, outcome: 'taken-in' }, rows - repeated - deleted - malformed);
      records.inc({ source, outcome: 'deleted' }, deleted);
      records.inc({ source, outcome: 'repeated' }, repeated);
      records.inc({ source, outcome: 'malformed' }, malformed);
    },
    waiting: (source, why) => {
      waits.inc({ source, why });
    },
    ended: (source, status) => {
      runs.inc({ source, status });
    },
  };
}
