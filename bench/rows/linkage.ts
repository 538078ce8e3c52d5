import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Measured } from '../linkage/measure.ts';
import { LINKAGE_SETS, type LinkageSet } from '../linkage/sets.ts';
import type { Bench, Figure } from '../types.ts';

const MEASURE = fileURLToPath(new URL('../linkage/measure.ts', import.meta.url));
const LARGEST_MAX = 29;
const MATCH_MS = 1;

async function measure(name: string): Promise<Measured> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', MEASURE, name]);
  return JSON.parse(stdout) as Measured;
}

function figures(name: string, set: LinkageSet, runs: readonly Measured[]): Figure[] {
  const of = (key: 'f1' | 'precision' | 'recall' | 'largest' | 'cpuSeconds' | 'memoryMb'): number[] =>
    runs.map((run) => run[key]);
  const { f1, cpuSeconds, memoryMb } = set;
  const matches = runs.flatMap((run) => run.matches).sort((x, y) => x - y);
  const found: Figure[] = [
    { name: `${name}, F1`, unit: '%', values: percent(of('f1')), target: { atLeast: f1 * 100 } },
    { name: `${name}, precision`, unit: '%', values: percent(of('precision')) },
    { name: `${name}, recall`, unit: '%', values: percent(of('recall')) },
    {
      name: `${name}, CPU`,
      unit: 's',
      values: of('cpuSeconds'),
      ...(cpuSeconds !== undefined && { target: { atMost: cpuSeconds } }),
    },
    {
      name: `${name}, memory`,
      unit: 'MB',
      values: of('memoryMb'),
      ...(memoryMb !== undefined && { target: { atMost: memoryMb } }),
    },
  ];
  if (set.long === true)
    found.push({
      name: `${name}, largest`,
      unit: 'records',
      values: of('largest'),
      target: { atMost: LARGEST_MAX },
    });
  if (matches.length > 0)
    found.push(
      {
        name: `${name}, one match, p50`,
        unit: 'ms',
        values: [at(matches, 0.5)],
        target: { atMost: MATCH_MS },
      },
      { name: `${name}, one match, p99`, unit: 'ms', values: [at(matches, 0.99)] },
    );
  return found;
}

/** With two decimals, as shares are shown: 99.97. */
function percent(shares: readonly number[]): number[] {
  return shares.map((share) => share * 100);
}

function at(sorted: readonly number[], share: number): number {
  return sorted[Math.floor(sorted.length * share)] ?? 0;
}

/** Probabilistic linkage of whole sets, each in a process of its own: quality against the truth, CPU and peak memory. */
export const linkage: Bench = {
  name: 'linkage',
  about: 'pairs found without labels after clustering, CPU and memory, on FEBRL and made-up people',
  async run({ quick, runs, note }) {
    const all: Figure[] = [];
    for (const [name, set] of Object.entries(LINKAGE_SETS)) {
      if (quick && set.long === true) continue;
      const measured: Measured[] = [];
      for (let run = 0; run < (set.long === true ? 1 : Math.min(runs, 3)); run += 1)
        measured.push(await measure(name));
      const [first] = measured;
      note(
        `${set.about}: F1 ${first?.f1.toFixed(4)}, ${first?.cpuSeconds.toFixed(1)} s CPU, ${Math.round(first?.memoryMb ?? 0)} MB`,
      );
      all.push(...figures(name, set, measured));
    }
    return all;
  },
};
