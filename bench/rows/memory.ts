import { setTimeout as delay } from 'node:timers/promises';
import { startPlatform } from '../../test/support/platform.ts';
import { runLoad } from '../load/run.ts';
import { memoryMb } from '../measure/processes.ts';
import type { Bench, Figure } from '../types.ts';

const RATE = 3_000;
const SAMPLE_EVERY_MS = 1_000;

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}

/** Resident memory under a load that lasts; growth compares the last fifth with the second. */
export const memory: Bench = {
  name: 'memory',
  about: 'memory of each process under ten minutes of load',
  async run({ quick, note }) {
    const seconds = quick ? 60 : 600;
    const platform = await startPlatform();
    try {
      const samples: Record<string, number[]> = {};
      const running = new AbortController();
      const load = runLoad({
        ...{ host: '127.0.0.1', port: platform.port, writeKey: platform.tokens.writeKeys['web'] ?? '' },
        ...{ connections: 16, perRequest: 20, rate: RATE, users: 100_000, session: 5 },
        ...{ warmupSeconds: 5, seconds },
      }).finally(() => {
        running.abort();
      });
      while (!running.signal.aborted) {
        for (const [name, { now }] of Object.entries(memoryMb(platform))) (samples[name] ??= []).push(now);
        await delay(SAMPLE_EVERY_MS);
      }
      note(`${(await load).eventsPerSecond} events/s for ${seconds} s`);
      const peaks = memoryMb(platform);
      const limits: Record<string, number> = { gateway: 250, worker: 600 };
      return Object.entries(samples).flatMap(([name, values]): Figure[] => {
        const fifth = Math.floor(values.length / 5);
        const growth = mean(values.slice(-fifth)) / Math.max(1, mean(values.slice(fifth, 2 * fifth)));
        const atMost = limits[name];
        return [
          {
            ...{ name: `${name}, peak`, unit: 'MB', values: [peaks[name]?.peak ?? 0] },
            ...(atMost === undefined ? {} : { target: { atMost } }),
          },
          { name: `${name}, last fifth to second fifth`, unit: 'ratio', values: [growth] },
        ];
      });
    } finally {
      await platform.stop();
    }
  },
};
