import { objectOf, type Context } from '../context.ts';
import { findUrl } from '../platform.ts';
import type { Check } from './machine.ts';

const PROBE_TIMEOUT_MS = 5_000;

async function probe(url: string): Promise<number | undefined> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) });
    await response.arrayBuffer();
    return response.status;
  } catch {
    return undefined;
  }
}

function sourceChecks(status: Record<string, unknown>): Check[] {
  return Object.entries(objectOf(status['sources'])).flatMap(([name, value]) => {
    const { pending } = objectOf(value);
    if (typeof pending !== 'number' || pending === 0) return [];
    return [{ what: `source ${name}`, ok: true, found: `${pending} items wait; run again to see them fall` }];
  });
}

/** What the running platform says of itself, and how far behind it is. A platform that does not run is no fault. */
export async function checkPlatform(context: Context): Promise<{ isUp: boolean; checks: Check[] }> {
  const url = await findUrl(context.env);
  const what = `platform at ${url}`;
  const health = await probe(`${url}/health`);
  if (health === undefined) {
    return { isUp: false, checks: [{ what, ok: true, found: 'does not run; npm start starts it' }] };
  }
  const ready = await probe(`${url}/ready`);
  const readiness: Check = {
    what,
    ok: ready === 200,
    found: ready === 200 ? 'ready' : `answers, and is not ready (${ready ?? 'no answer'})`,
    remedy: 'See the logs folder in the data folder: gateway.log, worker.log, temporal.log.',
  };
  try {
    const status = await (await context.api()).get('/v1/status');
    const waiting = sourceChecks(status);
    const lag: Check = { what: 'lag', ok: true, found: 'nothing waits' };
    return { isUp: true, checks: [readiness, ...(waiting.length > 0 ? waiting : [lag])] };
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error);
    const remedy = "Check TESSERA_ADMIN_TOKEN, or that TESSERA_DATA names this platform's folder.";
    return { isUp: true, checks: [readiness, { what: 'status', ok: false, found, remedy }] };
  }
}
