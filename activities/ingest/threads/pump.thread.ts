import { readlinkSync } from 'node:fs';
import { setPriority } from 'node:os';
import { basename } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { openStorage } from '../../../storage/open.ts';
import { openTenant } from '../../../storage/tenant.ts';
import type { PumpLane } from '../pump.ts';
import { pumpsHere } from '../pumps-here.ts';
import { packError, type FromPumpThread, type PumpThreadInput, type ToPumpThread } from './protocol.ts';

/** Of 0 to 19: a third of the time of a thread that does not give way. */
const NICENESS = 5;

/** Pumps lanes on a thread of its own, with storage and caches of its own, as one more process would. */
const port = parentPort;
if (!port) throw new TypeError('this module is the start of a thread');
giveWay();
const { tenant, storage: config, cachedTips, pollMs } = workerData as PumpThreadInput;
const storage = await openStorage(config);
const store = await openTenant({ tenant, storage, cachedTips });
const runs = new Map<number, AbortController>();

/**
 * Has the system prefer other threads where cores are short: what is accepted can wait to be ingested, and those who send, and
 * Temporal, which would think the worker dead, can't. On Linux a priority is a thread's own; elsewhere it is left as it is.
 */
function giveWay(): void {
  if (process.platform !== 'linux') return;
  try {
    setPriority(Number(basename(readlinkSync('/proc/thread-self'))), NICENESS);
  } catch {
    // Without it all threads are equal.
  }
}

const tell = (message: FromPumpThread): void => {
  port.postMessage(message);
};

/** By how much totals grew since the last call. */
function growthOf(read: () => Readonly<Record<string, number>>): () => Record<string, number> {
  let told: Readonly<Record<string, number>> = {};
  return () => {
    const before = told;
    told = read();
    const grown = Object.entries(told).map(([name, total]) => [name, total - (before[name] ?? 0)] as const);
    return Object.fromEntries(grown.filter(([, by]) => by > 0));
  };
}

const meter = growthOf(() => storage.meter.read());
const holds = growthOf(() => store.directory.holdsSince());
const tellCounts = (): void => {
  tell({ kind: 'counted', meter: meter(), holds: holds() });
};

const pump: PumpLane = pumpsHere({
  store,
  pollMs,
  observer: {
    unit: (...args) => {
      tell({ kind: 'unit', args });
      tellCounts();
    },
    waiting: (...args) => {
      tell({ kind: 'waiting', args });
    },
    violations: (...args) => {
      tell({ kind: 'violations', args });
    },
    poison: (source, batchId, index, error) => {
      tell({ kind: 'poison', args: [source, batchId, index, packError(error)] });
    },
  },
});

async function start({ run, input, from }: ToPumpThread & { readonly kind: 'pump' }): Promise<void> {
  const stop = new AbortController();
  runs.set(run, stop);
  const beat = (totals: typeof from): void => {
    tell({ kind: 'beat', run, totals });
  };
  try {
    const isIdle = await pump({ input, from, signal: stop.signal, beat });
    tellCounts();
    tell({ kind: 'ended', run, isIdle });
  } catch (error) {
    tell({ kind: 'failed', run, error: packError(error) });
  } finally {
    runs.delete(run);
  }
}

/** What nobody foresaw ends the thread, and with it its runs. */
function fail(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}

port.on('message', (message: ToPumpThread) => {
  switch (message.kind) {
    case 'pump':
      start(message).catch(fail);
      return;
    case 'stop':
      runs.get(message.run)?.abort();
      return;
    case 'close':
      store.close().then(() => {
        port.close();
      }, fail);
  }
});
tell({ kind: 'ready' });
