import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CERTIFICATE_URL } from '../../test/client/gateway/webhooks/signing.ts';
import { CERTIFICATE } from '../../test/client/gateway/webhooks/sns-certificate.ts';
import { startPlatform, type Platform } from '../../test/support/platform.ts';
import { runLoad } from '../load/run.ts';
import type { LoadResult } from '../load/spec.ts';
import { SOURCES_SENT, writeWebhooks } from '../load/webhooks.ts';
import { cpuPerEvent, cpuSeconds } from '../measure/processes.ts';
import type { Bench } from '../types.ts';

const USERS = 5_000;
const RATE = 2_000;
const P99_MS = 100;
const CONNECTIONS = 64;
/** Enough that the pumps never wait for the sender. */
const MAX_PENDING = 16_000;
const SNS_HOST = new URL('../load/sns-host.mjs', import.meta.url).href;

/** Sends webhooks that were signed before, each once. */
class Sender {
  readonly #platform: Platform;
  readonly #folder: string;
  #made = 0;

  constructor(platform: Platform, folder: string) {
    this.#platform = platform;
    this.#folder = folder;
  }

  /** Signs and sends so many, as fast as they are answered or at a rate. Throws where one was not accepted. */
  async send(
    count: number,
    rate?: number,
  ): Promise<{ result: LoadResult; readable: number; cpu: ReturnType<typeof cpuPerEvent> }> {
    const { port, tokens } = this.#platform;
    const requests = join(this.#folder, 'requests');
    await writeWebhooks(requests, { host: `127.0.0.1:${port}`, from: this.#made, count, users: USERS });
    this.#made += count;
    const before = (await this.#platform.drained()).events;
    const cpu = cpuSeconds(this.#platform);
    const result = await runLoad({
      ...{ host: '127.0.0.1', port, writeKey: '', requests, connections: CONNECTIONS, perRequest: 1 },
      ...{ warmupSeconds: 0, seconds: 0, events: count, users: USERS, session: 1 },
      ...(rate === undefined ? { maxPending: MAX_PENDING, adminToken: tokens.adminToken } : { rate }),
    });
    const stored = (await this.#platform.drained(600_000)).events - before;
    // From the first request: starting the sender is not what is measured.
    const readable = count / ((performance.timeOrigin + performance.now() - result.from) / 1_000);
    if (stored !== count || Object.keys(result.failures).length > 0)
      throw new Error(`${stored} of ${count} are readable; refused: ${JSON.stringify(result.failures)}`);
    return { result, readable, cpu: cpuPerEvent(cpu, cpuSeconds(this.#platform), count) };
  }
}

/** Webhooks of vendors: signatures checked, stored, answered, mapped and folded. */
export const webhooks: Bench = {
  name: 'webhooks',
  about: 'webhooks of four vendors, signed ahead: accepted, mapped and readable',
  async run({ quick, runs, note }) {
    const folder = await mkdtemp(join(tmpdir(), 'tessera-bench-'));
    const platform = await startPlatform({
      env: {
        NODE_OPTIONS: `${process.env['NODE_OPTIONS'] ?? ''} --import=${SNS_HOST}`,
        BENCH_SNS_URL: CERTIFICATE_URL,
        BENCH_SNS_CERTIFICATE: CERTIFICATE,
      },
    });
    const fast: Awaited<ReturnType<Sender['send']>>[] = [];
    const paced: LoadResult[] = [];
    try {
      for (const body of SOURCES_SENT) {
        const { status } = await platform.api('/v1/sources', { method: 'POST', body });
        if (status !== 201) throw new Error(`the source ${body.name} was answered ${status}`);
      }
      const sender = new Sender(platform, folder);
      note('warming up');
      await sender.send(4_000);
      for (let run = 0; run < runs; run += 1) {
        fast.push(await sender.send(quick ? 12_000 : 40_000));
        paced.push((await sender.send(RATE * (quick ? 5 : 15), RATE)).result);
        note(`run ${run + 1}: ${Math.round(fast.at(-1)?.readable ?? 0)}/s`);
      }
    } finally {
      await platform.stop();
      await rm(folder, { recursive: true, force: true });
    }
    const at = `at ${RATE}/s`;
    return [
      {
        ...{ name: 'accepted, mapped and readable', unit: 'webhooks/s' },
        ...{ values: fast.map(({ readable }) => readable), target: { atLeast: RATE } },
      },
      { name: 'CPU', unit: 'µs/webhook', values: fast.map(({ cpu }) => cpu.ours) },
      ...['gateway', 'worker'].map((process) => ({
        name: `CPU, ${process}`,
        unit: 'µs/webhook',
        values: fast.map(({ cpu }) => cpu.byProcess[process] ?? 0),
      })),
      { name: `accepted ${at}`, unit: 'webhooks/s', values: paced.map((result) => result.eventsPerSecond) },
      { name: `${at}, p50`, unit: 'ms', values: paced.map(({ p50 }) => p50) },
      { name: `${at}, p95`, unit: 'ms', values: paced.map(({ p95 }) => p95) },
      { name: `${at}, p99`, unit: 'ms', values: paced.map(({ p99 }) => p99), target: { atMost: P99_MS } },
    ];
  },
};
