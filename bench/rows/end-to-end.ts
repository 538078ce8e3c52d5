import { startPlatform, type Platform } from '../../test/support/platform.ts';
import { runLoad } from '../load/run.ts';
import type { LoadSpec } from '../load/spec.ts';
import { perThousand, storageTotals } from '../measure/counters.ts';
import { cpuPerEvent, cpuSeconds, memoryMb } from '../measure/processes.ts';
import { temporalUse } from '../measure/temporal.ts';
import type { Bench, Figure } from '../types.ts';

const PROFILES = 100_000;
const QUICK_PROFILES = 20_000;
/** Enough that the pump never waits for the sender, few enough that all is drained seconds after the end. */
const MAX_PENDING = 16_000;

function load(platform: Platform, rest: Partial<LoadSpec>): Promise<unknown> {
  return runLoad({
    ...{ host: '127.0.0.1', port: platform.port, writeKey: platform.tokens.writeKeys['web'] ?? '' },
    ...{ connections: 8, perRequest: 100, warmupSeconds: 0, seconds: 0, users: PROFILES, session: 1 },
    ...{ maxPending: MAX_PENDING, adminToken: platform.tokens.adminToken },
    ...rest,
  });
}

/** Sends for a while at the rate that is processed; counts from the first event to the moment that all are readable. */
async function sustained(platform: Platform, name: string, spec: Partial<LoadSpec>): Promise<Figure[]> {
  const events = (await platform.drained()).events;
  const [cpu, storage, temporal] = [
    cpuSeconds(platform),
    await storageTotals(platform),
    await temporalUse(platform),
  ];
  const began = performance.now();
  await load(platform, spec);
  const stored = (await platform.drained(600_000)).events - events;
  const seconds = (performance.now() - began) / 1_000;
  const used = cpuPerEvent(cpu, cpuSeconds(platform), stored);
  const use = await temporalUse(platform);
  const actions = ((use.actions - temporal.actions) * 1_000_000) / stored;
  return [
    { name, unit: 'events/s', values: [stored / seconds], target: { atLeast: 8_000 } },
    { name: `${name}, CPU`, unit: 'µs/event', values: [used.ours], target: { atMost: 150 } },
    ...Object.entries(used.byProcess).map(([process, micros]) => ({
      ...{ name: `${name}, CPU of ${process}`, unit: 'µs/event', values: [micros] },
    })),
    {
      name: `${name}, Temporal actions per million events`,
      unit: '',
      values: [actions],
      target: { atMost: 5_000 },
    },
    ...perThousand(storage, await storageTotals(platform), stored).map((figure) => ({
      ...figure,
      name: `${name}, ${figure.name}`,
    })),
  ];
}

/** Accepted, folded and readable, sustained, over a tenant that has its profiles already. */
export const endToEnd: Bench = {
  name: 'end-to-end',
  about: 'events accepted, folded and readable, sustained over 100,000 profiles',
  async run({ quick, note }) {
    const users = quick ? QUICK_PROFILES : PROFILES;
    const seconds = quick ? 15 : 60;
    const platform = await startPlatform();
    try {
      note(`filling ${users} profiles`);
      const began = performance.now();
      await load(platform, { events: users, users, inTurn: true });
      const status = await platform.drained(600_000);
      if (status.profiles !== users) throw new Error(`${status.profiles} profiles, not ${users}`);
      const fill = users / ((performance.now() - began) / 1_000);
      note('sending to random profiles');
      const random = await sustained(platform, 'random profiles', { seconds, users });
      note('sending visits of 5 events');
      const visits = await sustained(platform, 'visits of 5 events', { seconds, users, session: 5 });
      const memory = memoryMb(platform);
      return [
        { name: 'new profiles', unit: 'events/s', values: [fill] },
        ...random,
        ...visits,
        {
          ...{ name: 'memory of gateway, peak', unit: 'MB', values: [memory['gateway']?.peak ?? 0] },
          target: { atMost: 250 },
        },
        {
          ...{ name: 'memory of worker, peak', unit: 'MB', values: [memory['worker']?.peak ?? 0] },
          target: { atMost: 600 },
        },
        ...['gateway', 'worker'].map((process) => ({
          name: `memory of ${process} at the end, without mapped files`,
          ...{ unit: 'MB', values: [memory[process]?.own ?? 0] },
        })),
      ];
    } finally {
      await platform.stop();
    }
  },
};
