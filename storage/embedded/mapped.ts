import { readFileSync } from 'node:fs';
import { sep } from 'node:path';
import { isMainThread } from 'node:worker_threads';

/** Bytes of mapped files that are in memory, beyond which those of tables are given back. */
const MAPPED_MAX = 48 * 2 ** 20;
/** Between looks: what random reads map in that time is no more than that again. */
const LOOK_EVERY_MS = 50;
/** `MADV_DONTNEED` of Linux's `madvise(2)`: unmaps the pages of a file that is mapped for sharing, and loses nothing. */
const DONT_NEED = 4;

type Advise = (address: bigint, bytes: bigint, advice: number) => number;

/** A part of this process's memory. */
export interface Mapping {
  readonly address: bigint;
  readonly bytes: bigint;
}

/** Addresses from and to, rights, offset, device, inode, path. */
const MAPPING = /^([0-9a-f]+)-([0-9a-f]+) \S+ \S+ \S+ \S+ +(\/.*)$/;

/** Where files below a folder are mapped, by the lines of `/proc/self/maps`, of which a large heap has thousands. */
export function mappingsBelow(dir: string, maps: string): Mapping[] {
  const found: Mapping[] = [];
  const below = dir + sep;
  for (let at = maps.indexOf(below), end; at >= 0; at = maps.indexOf(below, end)) {
    end = maps.indexOf('\n', at);
    if (end < 0) end = maps.length;
    const [, from, to, path] = MAPPING.exec(maps.slice(maps.lastIndexOf('\n', at) + 1, end)) ?? [];
    if (from === undefined || to === undefined || path?.startsWith(below) !== true) continue;
    const address = BigInt(`0x${from}`);
    found.push({ address, bytes: BigInt(`0x${to}`) - address });
  }
  return found;
}

/** Bytes of files in this process's resident memory, by the text of `/proc/self/status`. */
export function mappedBytes(status: string): number {
  return Number(/^RssFile:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
}

/** `madvise` of the C library; undefined where the package that calls it can't be loaded. */
async function loadAdvise(): Promise<Advise | undefined> {
  try {
    const { default: koffi } = await import('koffi');
    return koffi.load(null).func('int madvise(uintptr_t address, size_t bytes, int advice)') as Advise;
  } catch {
    return undefined;
  }
}

/**
 * Keeps what is mapped of the files below `dir` from filling the process's resident memory: LMDB reads by mapping its file, the
 * system counts every page that was ever read, and takes them back only once memory is short. Given back, a page stays in the
 * system's cache, and reading it again costs a microsecond. On Linux alone, by the main thread for all threads of the process;
 * elsewhere pages are left mapped. Answers what ends it.
 */
export async function keepMappedSmall(dir: string): Promise<() => void> {
  const advise = process.platform === 'linux' && isMainThread ? await loadAdvise() : undefined;
  if (advise === undefined) return () => undefined;
  const look = (): number => mappedBytes(readFileSync('/proc/self/status', 'utf8'));
  let least = look();
  const timer = setInterval(() => {
    if (look() - least < MAPPED_MAX) return;
    for (const { address, bytes } of mappingsBelow(dir, readFileSync('/proc/self/maps', 'utf8')))
      advise(address, bytes, DONT_NEED);
    // What is still mapped is libraries, which are not ours to give back.
    least = look();
  }, LOOK_EVERY_MS);
  timer.unref();
  return () => {
    clearInterval(timer);
  };
}
