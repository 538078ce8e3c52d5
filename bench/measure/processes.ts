import { readFileSync } from 'node:fs';
import type { Platform } from '../../test/support/platform.ts';
import { parents as allParents, processStat } from '../../test/support/process-tree.ts';

const TEMPORAL = 'temporal';

/** Names of the platform's processes, and the ids of each with its children. */
type Groups = Record<string, number[]>;

function groups(platform: Platform): Groups {
  const named: Record<string, number> = platform.pids();
  if (platform.supervisor.pid !== undefined) named['supervisor'] = platform.supervisor.pid;
  const nameOf = new Map(Object.entries(named).map(([name, pid]) => [pid, name]));
  const parents = allParents();
  const result: Groups = {};
  for (const pid of parents.keys()) {
    let owner: number | undefined = pid;
    while (owner !== undefined && !nameOf.has(owner)) owner = parents.get(owner);
    const name = owner === undefined ? undefined : nameOf.get(owner);
    if (name !== undefined) (result[name] ??= []).push(pid);
  }
  return result;
}

/** CPU seconds used so far, by process name. */
export type CpuSeconds = Record<string, number>;

/** CPU that each of the platform's processes (children included) has used since it began. */
export function cpuSeconds(platform: Platform): CpuSeconds {
  return Object.fromEntries(
    Object.entries(groups(platform)).map(([name, pids]) => [
      name,
      pids.reduce((sum, pid) => sum + (processStat(pid)?.cpuSeconds ?? 0), 0),
    ]),
  );
}

/** Microseconds of CPU an event: of our processes together, and of Temporal's apart. */
export function cpuPerEvent(
  before: CpuSeconds,
  after: CpuSeconds,
  events: number,
): { ours: number; temporal: number; byProcess: Record<string, number> } {
  const byProcess = Object.fromEntries(
    Object.entries(after).map(([name, seconds]) => [
      name,
      ((seconds - (before[name] ?? 0)) * 1_000_000) / Math.max(1, events),
    ]),
  );
  const ours = Object.entries(byProcess).reduce(
    (sum, [name, micros]) => sum + (name === TEMPORAL ? 0 : micros),
    0,
  );
  return { ours, temporal: byProcess[TEMPORAL] ?? 0, byProcess };
}

/** Resident memory now and at its highest, in MB, by process name (children included). */
export function memoryMb(platform: Platform): Record<string, { now: number; peak: number }> {
  return Object.fromEntries(
    Object.entries(groups(platform)).map(([name, pids]) => {
      const sum = { now: 0, peak: 0 };
      for (const pid of pids) {
        try {
          const text = readFileSync(`/proc/${pid}/status`, 'utf8');
          sum.now += Number(/VmRSS:\s+(\d+)/.exec(text)?.[1] ?? 0) / 1024;
          sum.peak += Number(/VmHWM:\s+(\d+)/.exec(text)?.[1] ?? 0) / 1024;
        } catch {
          // It ended between the listing and the look.
        }
      }
      return [name, sum];
    }),
  );
}
