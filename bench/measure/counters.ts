import type { Platform } from '../../test/support/platform.ts';
import type { Figure } from '../types.ts';

/** Running totals by name; those of the storage meter as the meter names them. */
export type Counters = Record<string, number>;

const SAMPLE = /^(\w+)(?:\{([^}]*)\})? ([0-9.eE+-]+|NaN)$/;

async function scrape(url: string): Promise<string> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(5_000) });
    return answer.ok ? await answer.text() : '';
  } catch {
    return '';
  }
}

function storageCounters(text: string, into: Counters): void {
  for (const line of text.split('\n')) {
    const [, name, labels, value] = SAMPLE.exec(line) ?? [];
    const counter = name === 'tessera_store_total' ? /counter="([^"]+)"/.exec(labels ?? '')?.[1] : undefined;
    if (counter !== undefined) into[counter] = (into[counter] ?? 0) + Number(value);
  }
}

/** What storage did since the start, summed over gateway and worker. */
export async function storageTotals(platform: Platform): Promise<Counters> {
  const totals: Counters = {};
  for (const port of [platform.port, platform.workerMetricsPort])
    storageCounters(await scrape(`http://127.0.0.1:${port}/metrics`), totals);
  return totals;
}

/** What was done between two readings, per thousand events. */
export function perThousand(before: Counters, after: Counters, events: number): Figure[] {
  return Object.keys(after)
    .sort()
    .map((name) => ({
      name: `${name} per 1,000 events`,
      unit: name.includes('bytes') ? 'bytes' : '',
      values: [(((after[name] ?? 0) - (before[name] ?? 0)) * 1_000) / Math.max(1, events)],
    }));
}

/** Heartbeats that workers sent to Temporal, from the SDK's own metrics; they are actions and leave no history. */
export async function heartbeats(platform: Platform): Promise<number> {
  const text = await scrape(`http://127.0.0.1:${platform.sdkMetricsPort}/metrics`);
  let sum = 0;
  for (const line of text.split('\n')) {
    const [, name, labels, value] = SAMPLE.exec(line) ?? [];
    if (name?.replace(/_total$/, '') !== 'temporal_request') continue;
    if (labels?.includes('operation="RecordActivityTaskHeartbeat"') === true) sum += Number(value);
  }
  return sum;
}
