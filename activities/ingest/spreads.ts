import type { BatchHeader, Spread } from '../../domain/ingestion/raw.ts';

const ONE_LANE: Spread = { lanes: 1, since: '' };

/**
 * How the batches that this thread's pumps took were spread over lanes. While that stays, a person is always in the same
 * lane, and as one lane becomes several, those that stay in it were written to by no other. Once it is another otherwise, pumps
 * of other threads may have written to the people that this one remembers.
 */
export class KnownSpreads {
  readonly #last = new Map<string, Spread>();

  /** Hears of batches of a lane; true where what is remembered of their people may be out of date from here on. */
  hear(headers: readonly BatchHeader[]): boolean {
    const [first] = headers;
    if (first === undefined) return false;
    const lane = `${first.source}/${String(first.lane)}`;
    let last = this.#last.get(lane) ?? ONE_LANE;
    let isOutdated = false;
    for (const { spread = ONE_LANE } of headers) {
      // Gateways that spread the same source began at different times, and their batches come by turns.
      if (spread.lanes === last.lanes && spread.since <= last.since) continue;
      isOutdated ||= last.lanes > 1;
      last = spread.since > last.since ? spread : { lanes: spread.lanes, since: last.since };
    }
    this.#last.set(lane, last);
    return isOutdated;
  }
}
