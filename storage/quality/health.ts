import { fieldChanges } from '../../domain/quality/fields.ts';
import { assessHealth, COMPARED_DAYS, type SourceHealth } from '../../domain/quality/health.ts';
import { thresholdsWith } from '../../domain/quality/thresholds.ts';
import type { BatchStore } from '../intake/types.ts';
import type { Registry } from '../registry/types.ts';
import type { QualityStore } from './types.ts';

const DAY_MS = 86_400_000;

/** How a source is at a moment, epoch milliseconds. Throws `StoreUnavailable`. */
export async function readHealth(
  store: {
    readonly batches: Pick<BatchStore, 'hours'>;
    readonly quality: QualityStore;
    readonly registry: Pick<Registry, 'source'>;
  },
  source: string,
  nowMs: number,
): Promise<SourceHealth> {
  const now = new Date(nowMs).toISOString();
  const from = new Date(nowMs - (COMPARED_DAYS + 1) * DAY_MS).toISOString();
  const yesterday = new Date(nowMs - DAY_MS).toISOString();
  const [config, hours, shapes, payloads, violations] = await Promise.all([
    store.registry.source(source),
    store.batches.hours(source, { from, to: now }),
    store.quality.shapes(source),
    store.quality.payloads(source),
    store.quality.violations(source),
  ]);
  const alarming = violations.filter(({ mode, last }) => mode !== 'allow' && last >= yesterday);
  const thresholds = thresholdsWith(config?.thresholds);
  const fields = fieldChanges([...shapes, ...payloads], now, thresholds);
  return assessHealth({ hours, fields, violations: alarming.length }, now, thresholds);
}
