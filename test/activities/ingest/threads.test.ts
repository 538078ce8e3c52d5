import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import type { PumpTotals } from '../../../activities/ingest/pump.ts';
import { PumpThreads, threadOf } from '../../../activities/ingest/threads/pump-threads.ts';
import { pumpThreadStart } from '../../../activities/ingest/threads/start.ts';
import { openEmbedded } from '../../../storage/embedded/open.ts';
import type { TenantStore } from '../../../storage/tenant.types.ts';
import { append, recordingObserver, SOURCE, TENANT, tenantOn } from '../tenant.ts';

const LANES = 2;
const NOTHING: PumpTotals = { batches: 0, items: 0, stored: 0, duplicates: 0, quarantined: 0 };
/** What a thread starts from where its code could not be kept. */
const FROM_SOURCE = new URL('../../../activities/ingest/threads/thread.mjs', import.meta.url);

describe('pump threads', function () {
  this.timeout(60_000);
  let dir: string;
  let store: TenantStore;
  let threads: PumpThreads;
  let counted: Record<string, number>;
  let units: number;

  async function threadsFrom(start: URL, folder = dir): Promise<void> {
    await threads.close();
    threads = new PumpThreads({
      threads: LANES,
      start,
      input: { tenant: TENANT, storage: { kind: 'embedded', dir: folder }, cachedTips: 100, pollMs: 1 },
      observer: { ...recordingObserver(), unit: () => (units += 1) },
      onCounted: (meter) => {
        for (const [name, by] of Object.entries(meter)) counted[name] = (counted[name] ?? 0) + by;
      },
    });
  }

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'tessera-threads-'));
    store = await tenantOn(await openEmbedded({ kind: 'embedded', dir }), 0, LANES);
    counted = {};
    units = 0;
    threads = new PumpThreads({} as ConstructorParameters<typeof PumpThreads>[0]);
    await threadsFrom(await pumpThreadStart());
  });

  afterEach(async () => {
    await threads.close();
    await store.close();
    await rm(dir, { recursive: true, force: true });
  });

  const track = (user: string, n: number) => ({
    ...{ type: 'track', event: 'Viewed', userId: user, messageId: `${user}-${n}` },
    timestamp: '2026-01-01T00:00:00.000Z',
  });

  async function pump(lane: number, options: { idleMs?: number; signal?: AbortSignal } = {}) {
    let totals = NOTHING;
    const { idleMs = 0, signal = new AbortController().signal } = options;
    const input = { tenant: TENANT, source: SOURCE, lane, idleMs };
    const isIdle = await threads.pump({ input, from: totals, signal, beat: (now) => (totals = now) });
    return { isIdle, totals };
  }

  it('drain lanes at the same time, people that meet in both among them', async () => {
    const people = Array.from({ length: 40 }, (_, i) => `u${i % 10}`);
    for (const lane of [0, 1])
      await append(
        store,
        people.map((user, i) => track(user, lane * 100 + i)),
        { lane },
      );
    const done = await Promise.all([pump(0), pump(1)]);
    assert.deepEqual(
      done.map(({ isIdle, totals }) => [isIdle, totals.stored]),
      [
        [true, 40],
        [true, 40],
      ],
    );
    const { events, profiles } = await store.batches.counts();
    assert.deepEqual([events, profiles, units], [80, 10, 2]);
    assert.equal((await store.profiles.read('userId:u3'))?.state.events, 8);
    assert.ok((counted['log.write.items'] ?? 0) > 80, 'what threads do with the store is not counted');
  });

  it('go on from the totals of an earlier try, and end when they are told', async () => {
    const stop = new AbortController();
    const { signal } = stop;
    let beats = 0;
    const input = { tenant: TENANT, source: SOURCE, lane: 0, idleMs: 600_000 };
    const from = { ...NOTHING, batches: 3, items: 7, stored: 7 };
    let last = NOTHING;
    const running = threads.pump({
      ...{ input, from, signal },
      beat: (totals) => {
        last = totals;
        beats += 1;
        if (beats === 2) stop.abort();
      },
    });
    assert.equal(await running, false);
    assert.equal(last.items, 7);
  });

  it('start from the sources too', async () => {
    await threadsFrom(FROM_SOURCE);
    await append(store, [track('ann', 1)]);
    assert.equal((await pump(0)).totals.stored, 1);
  });

  it('fail their jobs where they die, and are started anew for the next', async () => {
    // A thread that can't open its storage dies.
    const folder = join(dir, 'data');
    await writeFile(folder, '');
    await threadsFrom(await pumpThreadStart(), folder);
    await assert.rejects(pump(0), { code: 'store-unavailable' });
    await rm(folder);
    const missing = await pump(0);
    assert.deepEqual([missing.isIdle, missing.totals.items], [true, 0]);
    await threadsFrom(await pumpThreadStart());
    await append(store, [track('ann', 1)]);
    assert.equal((await pump(0)).totals.stored, 1);
  });

  it('share the lanes of a source, and differ from source to source in who begins', () => {
    const at = (source: string, lane: number): number => threadOf({ source, lane }, 2);
    assert.notEqual(at('web', 0), at('web', 1));
    assert.equal(at('web', 0), at('web', 2));
    const sources = ['web', 'mobile', 'pos', 'crm', 'email', 'social', 'contact-center'];
    assert.equal(new Set(sources.map((source) => at(source, 0))).size, 2);
  });
});
