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

/** Memory in MB. LMDB's mapped pages count as resident, though the system takes them back when it needs them. */
export interface Memory {
  /** Resident now, and at its highest. */
  readonly now: number;
  readonly peak: number;
  /** Resident now without the pages of mapped files: what the process holds for itself. */
  readonly own: number;
}

/** Memory by process name (children included). */
export function memoryMb(platform: Platform): Record<string, Memory> {
  return Object.fromEntries(
    Object.entries(groups(platform)).map(([name, pids]) => {
      const sum = { now: 0, peak: 0, own: 0 };
      for (const pid of pids) {
        try {
          const text = readFileSync(`/proc/${pid}/status`, 'utf8');
          const read = (field: string): number =>
            Number(new RegExp(`${field}:\\s+(\\d+)`).exec(text)?.[1] ?? 0) / 1024;
          sum.now += read('VmRSS');
          sum.peak += read('VmHWM');
          sum.own += read('RssAnon') + read('RssShmem');
        } catch {
          // It ended between the listing and the look.
        }
      }
      return [name, sum];
    }),
  );
}
