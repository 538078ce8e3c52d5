import { readFileSync, readdirSync } from 'node:fs';

/** Clock ticks a second in `/proc/<pid>/stat`; 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

/** A process as the operating system sees it. */
export interface ProcessStat {
  readonly parent: number;
  /** CPU used since it began, user and system. */
  readonly cpuSeconds: number;
}

/** Reads one process; undefined where it is gone. */
export function processStat(pid: number): ProcessStat | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const ticks = Number(fields[11]) + Number(fields[12]);
    return { parent: Number(fields[1]), cpuSeconds: ticks / TICKS_PER_SECOND };
  } catch {
    return undefined;
  }
}

/** Every process of the machine with its parent. */
export function parents(): Map<number, number> {
  const found = new Map<number, number>();
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const stat = processStat(Number(entry));
    if (stat !== undefined) found.set(Number(entry), stat.parent);
  }
  return found;
}

/** The process and all that came of it, parents before children. */
export function descendants(root: number): number[] {
  const tree = [root];
  const all = [...parents()];
  for (const pid of tree) for (const [child, parent] of all) if (parent === pid) tree.push(child);
  return tree;
}
