import { startPlatform, type Platform } from '../../test/support/platform.ts';
import { track } from '../../test/support/segment.ts';
import type { Bench } from '../types.ts';

const EVENTS = 10_000;
const PER_REQUEST = 100;
const ROUNDS = 50;
const [STAYS, GOES] = ['userId:split-bench', 'anonymousId:split-bench-device'] as const;

async function decide(platform: Platform, path: string, body: object): Promise<number> {
  const began = performance.now();
  const answer = await platform.api(path, { method: 'POST', body: { ...body, reason: 'bench' } });
  if (answer.status !== 200) throw new Error(`${path} answered ${String(answer.status)}`);
  await platform.profile(GOES);
  return performance.now() - began;
}

/** What a profile says, but its id. */
async function told(platform: Platform): Promise<string> {
  return JSON.stringify({ ...(await platform.profile(STAYS)), profileId: '' });
}

/** A profile of many events, split and linked again. */
export const split: Bench = {
  name: 'split',
  about: `a profile of ${String(EVENTS)} events is split, and linked again, until it is read so`,
  async run({ quick, note }) {
    const platform = await startPlatform();
    try {
      for (let sent = 0; sent < EVENTS; sent += PER_REQUEST)
        await platform.send(
          Array.from({ length: PER_REQUEST }, (_, n) =>
            track(
              'Product Viewed',
              n % 2 === 0 ? { userId: 'split-bench' } : { anonymousId: 'split-bench-device' },
            ),
          ),
        );
      await platform.send([track('Signed In', { userId: 'split-bench', anonymousId: 'split-bench-device' })]);
      await platform.drained(600_000);
      const before = await told(platform);
      const [splits, links]: [number[], number[]] = [[], []];
      for (let round = 0; round < (quick ? ROUNDS / 5 : ROUNDS); round += 1) {
        const path = `/v1/profiles/${encodeURIComponent(STAYS)}/split`;
        splits.push(await decide(platform, path, { away: [GOES] }));
        links.push(await decide(platform, '/v1/profiles/link', { a: STAYS, b: GOES }));
        if ((await told(platform)) !== before) throw new Error('split and linked again, the profile differs');
      }
      const p99 = (values: number[]): number =>
        [...values].sort((x, y) => x - y)[Math.ceil(values.length * 0.99) - 1] ?? NaN;
      note(`split p99 ${String(Math.round(p99(splits)))} ms, link p99 ${String(Math.round(p99(links)))} ms`);
      return [
        { name: 'split until read', unit: 'ms', values: splits },
        { name: 'split until read, p99', unit: 'ms', values: [p99(splits)], target: { atMost: 1_000 } },
        { name: 'linked again until read', unit: 'ms', values: links },
      ];
    } finally {
      await platform.stop();
    }
  },
};
