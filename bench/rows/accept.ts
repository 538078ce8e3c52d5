import { startPlatform } from '../../test/support/platform.ts';
import { track } from '../../test/support/segment.ts';
import { runLoad } from '../load/run.ts';
import type { LoadResult } from '../load/spec.ts';
import { cpuPerEvent, cpuSeconds } from '../measure/processes.ts';
import { steer } from '../measure/temporal.ts';
import type { Bench, Figure } from '../types.ts';

const USERS = 100_000;

interface Variant {
  readonly name: string;
  readonly perRequest: number;
  readonly connections: number;
  readonly rate?: number;
  readonly p99?: number;
  readonly micros?: number;
}

const VARIANTS: readonly Variant[] = [
  { name: 'single, 64 connections', perRequest: 1, connections: 64, rate: 7_000, p99: 30 },
  { name: 'single, 256 connections', perRequest: 1, connections: 256, rate: 7_000, p99: 80 },
  { name: 'batches of 20, 64 connections', perRequest: 20, connections: 64 },
  {
    name: 'batches of 100, 64 connections',
    perRequest: 100,
    connections: 64,
    rate: 40_000,
    p99: 150,
    micros: 25,
  },
];

/** Durable acceptance alone: ingestion is paused, so that the gateway has the cores it is measured on. */
export const accept: Bench = {
  name: 'accept',
  about: 'events accepted durably, ingestion paused',
  async run({ quick, runs, note }) {
    const figures: Figure[] = [];
    const platform = await startPlatform();
    try {
      await platform.send([track('Warm', { userId: 'warm' })]);
      await platform.drained();
      await steer(platform, 'web', 'pause');
      for (const variant of VARIANTS) {
        const results: LoadResult[] = [];
        const micros: number[] = [];
        for (let run = 0; run < runs; run += 1) {
          const before = cpuSeconds(platform);
          const result = await runLoad({
            ...{ host: '127.0.0.1', port: platform.port, writeKey: platform.tokens.writeKeys['web'] ?? '' },
            ...{ connections: variant.connections, perRequest: variant.perRequest, users: USERS, session: 1 },
            ...{ warmupSeconds: quick ? 2 : 3, seconds: quick ? 5 : 10 },
          });
          results.push(result);
          micros.push(cpuPerEvent(before, cpuSeconds(platform), result.sent).ours);
          note(
            `${variant.name}: ${result.eventsPerSecond} events/s, failures ${JSON.stringify(result.failures)}`,
          );
        }
        const of = (pickValue: (result: LoadResult) => number): number[] => results.map(pickValue);
        figures.push(
          {
            ...{ name: variant.name, unit: 'events/s', values: of((result) => result.eventsPerSecond) },
            ...(variant.rate === undefined ? {} : { target: { atLeast: variant.rate } }),
          },
          { name: `${variant.name}, p50`, unit: 'ms', values: of((result) => result.p50) },
          { name: `${variant.name}, p95`, unit: 'ms', values: of((result) => result.p95) },
          {
            ...{ name: `${variant.name}, p99`, unit: 'ms', values: of((result) => result.p99) },
            ...(variant.p99 === undefined ? {} : { target: { atMost: variant.p99 } }),
          },
          {
            ...{ name: `${variant.name}, CPU`, unit: 'µs/event', values: micros },
            ...(variant.micros === undefined ? {} : { target: { atMost: variant.micros } }),
          },
        );
      }
      return figures;
    } finally {
      await platform.stop();
    }
  },
};
