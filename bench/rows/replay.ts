import { evolveFragmentAll, emptyFragment } from '../../domain/profile/fold.ts';
import { DEFAULT_FOLD_POLICY } from '../../domain/profile/policy.ts';
import { openStorage, storageConfigFromEnv } from '../../storage/open.ts';
import { openTenant } from '../../storage/tenant.ts';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPlatform } from '../../test/support/platform.ts';
import { runLoad } from '../load/run.ts';
import type { Bench } from '../types.ts';

const EVENTS = 200_000;
const EVENTS_PER_USER = 20;
const READERS = 16;
/** Width of the numbers in the load's user ids. */
const USER_CHARS = 9;

interface Folded {
  readonly events: number;
  readonly seconds: number;
}

/** Reads every user's commits and folds them from nothing. */
async function fold(data: string, users: number): Promise<Folded> {
  const config = storageConfigFromEnv({ TESSERA_DATA: data });
  const tenant = await openTenant({ tenant: 'demo', storage: await openStorage(config) });
  try {
    const began = performance.now();
    let [next, events] = [0, 0];
    const reader = async (): Promise<void> => {
      while (next < users) {
        const value = `u${String(next++).padStart(USER_CHARS, '0')}`;
        let state = emptyFragment;
        for (const commit of await tenant.log.read(tenant.log.address({ type: 'userId', value })))
          state = evolveFragmentAll(state, commit.events, DEFAULT_FOLD_POLICY);
        events += state.profile.events;
      }
    };
    await Promise.all(Array.from({ length: READERS }, reader));
    return { events, seconds: (performance.now() - began) / 1_000 };
  } finally {
    await tenant.close();
  }
}

/** Folding the whole log again, one process. */
export const replay: Bench = {
  name: 'replay',
  about: 'events a second when the log is read and folded again from zero, one process',
  async run({ quick, runs, note }) {
    const count = quick ? EVENTS / 5 : EVENTS;
    const users = count / EVENTS_PER_USER;
    const data = mkdtempSync(join(tmpdir(), 'tessera-replay-'));
    try {
      const platform = await startPlatform({ data });
      try {
        await runLoad({
          ...{ host: '127.0.0.1', port: platform.port, writeKey: platform.tokens.writeKeys['web'] ?? '' },
          ...{
            connections: 8,
            perRequest: 100,
            warmupSeconds: 0,
            seconds: 0,
            users,
            session: 5,
            events: count,
          },
          ...{ inTurn: true, maxPending: 20_000, adminToken: platform.tokens.adminToken },
        });
        await platform.drained(600_000);
      } finally {
        await platform.stop({ keep: true });
      }
      const rates: number[] = [];
      for (let run = 0; run < runs; run += 1) {
        const { events, seconds } = await fold(data, users);
        if (events !== count) throw new Error(`folded ${events} events of ${count}`);
        rates.push(events / seconds);
        note(`${Math.round(events / seconds)} events/s`);
      }
      return [{ name: 'read and folded', unit: 'events/s', values: rates }];
    } finally {
      rmSync(data, { recursive: true, force: true });
    }
  },
};
