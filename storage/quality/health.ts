import { fieldChanges } from '../../domain/quality/fields.ts';
import { assessHealth, COMPARED_DAYS, type SourceHealth } from '../../domain/quality/health.ts';
import { thresholdsWith } from '../../domain/quality/thresholds.ts';
import type { BatchStore } from '../intake/types.ts';
import type { Registry } from '../registry/types.ts';
import { syncHealth } from '../../domain/sync/findings.ts';
import type { SyncStore } from '../syncs/types.ts';
import type { QualityStore } from './types.ts';

const DAY_MS = 86_400_000;
/** An hourly sync's runs of a week. */
const SYNC_RUNS_READ = 7 * 24;

/** How a source is at a moment, epoch milliseconds. Throws `StoreUnavailable`. */
export async function readHealth(
  store: {
    readonly batches: Pick<BatchStore, 'hours'>;
    readonly quality: QualityStore;
    readonly registry: Pick<Registry, 'source'>;
    readonly syncs: Pick<SyncStore, 'manifests'>;
  },
  source: string,
  nowMs: number,
): Promise<SourceHealth> {
  const now = new Date(nowMs).toISOString();
  const from = new Date(nowMs - (COMPARED_DAYS + 1) * DAY_MS).toISOString();
  const yesterday = new Date(nowMs - DAY_MS).toISOString();
  const [config, hours, shapes, payloads, violations, runs] = await Promise.all([
    store.registry.source(source),
    store.batches.hours(source, { from, to: now }),
    store.quality.shapes(source),
    store.quality.payloads(source),
    store.quality.violations(source),
    store.syncs.manifests(source, { limit: SYNC_RUNS_READ }),
  ]);
  const alarming = violations.filter(({ mode, last }) => mode !== 'allow' && last >= yesterday);
  const thresholds = thresholdsWith(config?.thresholds);
  const fields = fieldChanges([...shapes, ...payloads], now, thresholds);
  const synced = syncHealth(runs.items, now);
  return assessHealth(
    {
      hours,
      fields: [...fields, ...synced.fields],
      violations: alarming.length,
      findings: synced.findings,
    },
    now,
    thresholds,
  );
}
