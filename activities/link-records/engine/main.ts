/** The engine's process: opens the tenant, does one task of one run, says what came of it, and ends. */
import { framesOf } from '../../../domain/error-facts.ts';
import { isTransient, StorageError } from '../../../storage/errors.ts';
import { openStorage } from '../../../storage/open.ts';
import { openTenant } from '../../../storage/tenant.ts';
import { runTask } from './tasks.ts';
import type { EngineOrder, EngineReport } from './protocol.ts';

/** Between signs of life, in milliseconds. */
const BEAT_MS = 500;

function tell(report: EngineReport): Promise<void> {
  return new Promise((resolve) => {
    if (process.send === undefined) {
      resolve();
      return;
    }
    process.send(report, () => {
      resolve();
    });
  });
}

function beater(): () => void {
  let last = 0;
  return () => {
    const now = performance.now();
    if (now - last < BEAT_MS) return;
    last = now;
    process.send?.({ kind: 'beat' } satisfies EngineReport);
  };
}

/** A message is passed on only where it was written for people: others may quote a record. */
function failure(error: unknown): EngineReport {
  if (error instanceof StorageError)
    return { kind: 'failed', code: error.code, message: error.message, transient: isTransient(error) };
  const name = error instanceof Error ? error.name : typeof error;
  const [at] = error instanceof Error ? framesOf(error) : [];
  const message = at === undefined ? name : `${name} ${at}`;
  return { kind: 'failed', code: 'engine-error', message, transient: true };
}

async function serve(order: EngineOrder): Promise<EngineReport> {
  try {
    const storage = await openStorage(order.storage);
    const store = await openTenant({ tenant: order.tenant, storage });
    try {
      return { kind: 'done', result: await runTask(store, order, beater()) };
    } finally {
      await store.close();
    }
  } catch (error) {
    return failure(error);
  }
}

// Whoever ordered it is gone, and with it whoever would use the result.
process.on('disconnect', () => process.exit(1));
process.once('message', (order: EngineOrder) => {
  serve(order)
    .then(tell)
    .then(
      () => process.exit(0),
      () => process.exit(1),
    );
});
