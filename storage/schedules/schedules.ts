import { scheduleFault } from '../../domain/schedules/check.ts';
import { scheduleRef, type Schedule, type ScheduleSettings } from '../../domain/schedules/types.ts';
import { ConditionFailed } from '../errors.ts';
import type { Storage } from '../ports.ts';
import { createDocuments } from '../registry/documents.ts';
import { checkName, InvalidConfig } from '../registry/errors.ts';
import type { Vault } from '../vault/types.ts';
import type { RemovedSchedule, ScheduleName, ScheduleStore } from './types.ts';

const COLLECTION = 'schedules';
/** Rounds of a change against others of the same schedule. */
const ROUNDS_MAX = 10;

type Stored = Schedule | RemovedSchedule;

function isThere(stored: Stored | undefined): stored is Schedule {
  return stored !== undefined && !('removed' in stored);
}

/** Opens a tenant's schedules. `now` is in milliseconds; the system's clock where silent. */
export function createScheduleStore(options: {
  readonly tenant: string;
  readonly storage: Pick<Storage, 'log'>;
  readonly vault: Pick<Vault, 'tenantSealKey'>;
  readonly now?: () => number;
}): ScheduleStore {
  const { tenant, storage, vault, now = Date.now } = options;
  const documents = createDocuments({ tenant, table: storage.log, vault, now });

  async function all(): Promise<Stored[]> {
    return (await documents.list<Stored>(COLLECTION)).map(({ document }) => document);
  }

  async function find(which: ScheduleName): Promise<Stored | undefined> {
    return (await all()).find((one) => one.source === which.source && one.name === which.name);
  }

  /** Stores what `apply` makes of what is there, as the next version; nothing where it makes nothing. */
  async function change<T extends Stored>(
    which: ScheduleName,
    apply: (before: Stored | undefined, version: number) => T | undefined,
  ): Promise<T | undefined> {
    for (let round = 1; ; round++) {
      const before = await find(which);
      const after = apply(before, (before?.version ?? 0) + 1);
      if (after === undefined) return undefined;
      try {
        await documents.put(COLLECTION, scheduleRef(which), after.version, after);
        return after;
      } catch (error) {
        if (!(error instanceof ConditionFailed) || round === ROUNDS_MAX) throw error;
      }
    }
  }

  function schedule(which: ScheduleName, settings: ScheduleSettings, version: number): Schedule {
    const fault = scheduleFault(settings);
    if (fault !== undefined) throw new InvalidConfig(fault.field, fault.detail);
    return { ...settings, source: which.source, name: which.name, version };
  }

  return {
    all,
    list: async () => (await all()).filter(isThere),
    async get(which) {
      const found = await find(which);
      return isThere(found) ? found : undefined;
    },
    async put(which, settings) {
      checkName('source', which.source);
      checkName('name', which.name);
      const put = await change(which, (_before, version) => schedule(which, settings, version));
      if (put === undefined) throw new TypeError('a schedule was put and is not there');
      return put;
    },
    setPaused: (which, paused, note) =>
      change(which, (before, version): Schedule | undefined => {
        if (!isThere(before)) return undefined;
        const { action, timing, overlap, catchupWindow } = before;
        const settings = { action, timing, overlap, catchupWindow, paused };
        return schedule(which, note === undefined ? settings : { ...settings, note }, version);
      }),
    async remove(which) {
      const removed = await change(which, (before, version): RemovedSchedule | undefined =>
        isThere(before) ? { source: which.source, name: which.name, removed: true, version } : undefined,
      );
      return removed !== undefined;
    },
  };
}
