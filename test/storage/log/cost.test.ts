import assert from 'node:assert/strict';
import { DEFAULT_FOLD_POLICY } from '../../../domain/profile/policy.ts';
import { encodeCommit, eventAt } from '../../../storage/log/encode.ts';
import { createEventLog } from '../../../storage/log/log.ts';
import type { EventLog } from '../../../storage/log/types.ts';
import { seal } from '../../../storage/vault/seal.ts';
import { createVault } from '../../../storage/vault/vault.ts';
import { storageSets } from '../../support/storage-sets.ts';
import { appendExactly } from './append.ts';
import { typicalEvent } from './events.ts';

const PEOPLE = 40;
const PER_COMMIT = 5;
const embedded = storageSets.filter(({ name }) => name === 'embedded');

async function unitsPer1000(
  log: EventLog,
  units: () => number,
  from: number,
  commits: number,
): Promise<number> {
  const before = units();
  for (let commit = 0; commit < commits; commit++) {
    const events = Array.from({ length: PEOPLE * PER_COMMIT }, (_, i) =>
      typicalEvent(i % PEOPLE, from + commit * PER_COMMIT + Math.floor(i / PEOPLE)),
    );
    await appendExactly(log, events);
  }
  return ((units() - before) * 1_000) / (commits * PEOPLE * PER_COMMIT);
}

describe('what the log costs', function () {
  this.timeout(300_000);

  it('seals five typical events of a person, as SDKs send them, into one write unit', () => {
    const key = { bytes: new Uint8Array(32), tag: new Uint8Array(4) };
    for (const start of [0, 5, 10, 1_000]) {
      const events = [0, 1, 2, 3, 4].map((n) => typicalEvent(start, start + n));
      const recordedAt = '2026-11-02T10:00:00.000Z';
      const sealed = seal(
        key,
        encodeCommit(
          { recordedAt, events: events.map(eventAt) },
          { snapshotBytes: 999, commits: 99, bytes: 99_999 },
        ),
        'aad',
        { compress: true },
      );
      // Partition and sort key, the attributes' names, and the version take under 80 bytes.
      assert.ok(sealed.length + 80 <= 1_024, `${sealed.length} bytes`);
    }
  });

  for (const set of embedded) {
    it('stays within 2,500 write units per 1,000 events, at 10 events of history as at 10,000', async () => {
      const storage = await set.open();
      try {
        const vault = createVault({ tenant: 't', storage });
        const options = { tenant: 't', storage, vault, policy: DEFAULT_FOLD_POLICY, cachedFragments: PEOPLE };
        const log = await createEventLog(options);
        const units = (): number => storage.meter.read()['log.write.units'] ?? 0;
        await unitsPer1000(log, units, 0, 2);
        const young = await unitsPer1000(log, units, 10, 64);
        await unitsPer1000(log, units, 330, 400);
        const old = await unitsPer1000(log, units, 2_330, 64);
        assert.ok(young > 2_000, `${young} units: nothing was counted`);
        assert.ok(young <= 2_500, `${young} units with a short history`);
        assert.ok(old <= 2_500, `${old} units with a long history`);
        if (process.env['TESSERA_SHOW'] !== undefined) console.log({ young, old });
      } finally {
        await storage.close();
      }
    });
  }
});
