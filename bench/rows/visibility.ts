import { setTimeout as delay } from 'node:timers/promises';
import { startPlatform, type Platform } from '../../test/support/platform.ts';
import { track, word } from '../../test/support/segment.ts';
import { runLoad } from '../load/run.ts';
import type { Bench } from '../types.ts';

const RATE = 1_000;
const PROBE_EVERY_MS = 200;
const ASK_EVERY_MS = 15;
const PROBE_TIMEOUT_MS = 30_000;
const PROFILES = 10_000;

/** Milliseconds from an event's acknowledgement to its first sight in its profile's timeline. */
async function probe(platform: Platform): Promise<number> {
  const user = word('probe');
  const answer = await platform.send([track('Probe', { userId: user })]);
  const accepted = performance.now();
  if (answer.status !== 200) throw new Error(`the probe was answered ${answer.status}`);
  const path = `/v1/profiles/${encodeURIComponent(`userId:${user}`)}/events?limit=1`;
  while (performance.now() - accepted < PROBE_TIMEOUT_MS) {
    const seen = await platform.api<{ items?: unknown[] }>(path);
    if (seen.status === 200 && (seen.body.items?.length ?? 0) > 0) return performance.now() - accepted;
    await delay(ASK_EVERY_MS);
  }
  throw new Error('a probe never showed');
}

/** How soon a profile shows an event, under a steady load. */
export const visibility: Bench = {
  name: 'visibility',
  about: 'from accepted to shown in the profile, at 1,000 events/s',
  async run({ quick, note }) {
    const platform = await startPlatform();
    try {
      const seconds = quick ? 15 : 60;
      const load = runLoad({
        ...{ host: '127.0.0.1', port: platform.port, writeKey: platform.tokens.writeKeys['web'] ?? '' },
        ...{ connections: 16, perRequest: 10, rate: RATE, users: PROFILES, session: 5 },
        ...{ warmupSeconds: 5, seconds },
      });
      await delay(5_000);
      const probes: Promise<number>[] = [];
      for (let sent = 0; sent < (seconds * 1_000) / PROBE_EVERY_MS - 10; sent += 1) {
        probes.push(probe(platform));
        await delay(PROBE_EVERY_MS);
      }
      const latencies = (await Promise.all(probes)).sort((a, b) => a - b);
      const result = await load;
      note(`${result.eventsPerSecond} events/s sent, ${latencies.length} probes`);
      const at = (share: number): number[] => [latencies[Math.floor((latencies.length - 1) * share)] ?? 0];
      return [
        { name: 'load meanwhile', unit: 'events/s', values: [result.eventsPerSecond] },
        { name: 'accepted to shown, p50', unit: 'ms', values: at(0.5), target: { atMost: 300 } },
        { name: 'accepted to shown, p95', unit: 'ms', values: at(0.95) },
        { name: 'accepted to shown, p99', unit: 'ms', values: at(0.99), target: { atMost: 1_000 } },
      ];
    } finally {
      await platform.stop();
    }
  },
};
