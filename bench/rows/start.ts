import { startPlatform } from '../../test/support/platform.ts';
import { eventually } from '../../test/support/wait.ts';
import type { Bench } from '../types.ts';

const PURCHASES = 6_919;

/** From nothing to ready with the demo's data, and a second start on the same data. */
export const start: Bench = {
  name: 'start',
  about: 'from the command to ready with the demo loaded',
  async run({ runs, note }) {
    const [firsts, empties]: [number[], number[]] = [[], []];
    for (let run = 0; run < Math.min(runs, 3); run += 1) {
      const began = performance.now();
      const demo = await startPlatform({ demo: true });
      try {
        await eventually(
          'the demo to be loaded',
          async () => {
            const status = await demo.status();
            const pending = Object.values(status.sources).some((source) => source.pending > 0);
            const visits = status.sources['web']?.stored ?? 0;
            return !pending && (status.sources['pos']?.stored ?? 0) >= PURCHASES && visits > 0
              ? true
              : undefined;
          },
          { timeoutMs: 180_000, everyMs: 250 },
        );
        firsts.push((performance.now() - began) / 1_000);
      } finally {
        await demo.stop();
      }
      const again = performance.now();
      const empty = await startPlatform();
      empties.push((performance.now() - again) / 1_000);
      await empty.stop();
      note(`${firsts.at(-1)?.toFixed(1)} s with the demo, ${empties.at(-1)?.toFixed(1)} s empty`);
    }
    return [
      { name: 'start with the demo', unit: 's', values: firsts, target: { atMost: 90 } },
      { name: 'start, empty', unit: 's', values: empties },
    ];
  },
};
