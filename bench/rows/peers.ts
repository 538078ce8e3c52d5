import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { evaluate } from '../../domain/linkage/index.ts';
import { LINKAGE_SETS } from '../linkage/sets.ts';
import { linesOf } from '../peers/csv.ts';
import type { Bench, Figure } from '../types.ts';

const run = promisify(execFile);
const PEERS = fileURLToPath(new URL('../peers/', import.meta.url));
/** The peers' own Python, outside of the repository. */
const CACHE = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
const PYTHON = join(CACHE, 'tessera-peers', 'bin', 'python');
const TOOLS = ['ours', 'splink', 'goldenmatch'] as const;
/** Up to 50,000 records: a peer that takes minutes of CPU for more says nothing else. */
const SETS = ['febrl3', 'febrl4', 'households', 'register', 'historical'];
const QUICK_SETS = ['febrl3'];
/** What peers print on their way. */
const OUTPUT_BYTES_MAX = 64 * 1024 * 1024;

interface Used {
  readonly cpuSeconds: number;
  readonly memoryMb: number;
}

async function install(note: (text: string) => void): Promise<void> {
  if (existsSync(PYTHON)) return;
  note('installing the peers');
  await run('python3', ['-m', 'venv', join(CACHE, 'tessera-peers')]);
  await run(PYTHON, ['-m', 'pip', 'install', '--quiet', '-r', join(PEERS, 'requirements.txt')]);
}

async function link(tool: (typeof TOOLS)[number], records: string, clusters: string): Promise<Used> {
  const [command, args] =
    tool === 'ours'
      ? [process.execPath, ['--import', 'tsx', join(PEERS, 'ours.ts')]]
      : [PYTHON, [join(PEERS, 'link.py'), tool]];
  const { stdout } = await run(command, [...args, records, clusters], { maxBuffer: OUTPUT_BYTES_MAX });
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Used;
}

/** By id, a number for each cluster. */
function readClusters(path: string): Map<string, number> {
  const names = new Map<string, number>();
  const found = new Map<string, number>();
  for (const line of readFileSync(path, 'utf8').trim().split('\n').slice(1)) {
    const [id = '', name = ''] = line.split(',');
    if (!names.has(name)) names.set(name, names.size);
    found.set(id, names.get(name) ?? -1);
  }
  return found;
}

async function compare(name: string, dir: string, note: (text: string) => void): Promise<Figure[]> {
  const labelled = [...(LINKAGE_SETS[name]?.make() ?? [])];
  const records = join(dir, `${name}.csv`);
  writeFileSync(records, linesOf(labelled.map(({ record }) => record)).join('\n'));
  const figures: Figure[] = [];
  for (const tool of TOOLS) {
    const clusters = join(dir, `${name}-${tool}.csv`);
    const { cpuSeconds, memoryMb } = await link(tool, records, clusters);
    const of = readClusters(clusters);
    const whose = labelled.map(({ person }) => person);
    const { f1 } = evaluate(
      Int32Array.from(labelled, ({ record }) => of.get(record.id) ?? -1),
      whose,
    );
    note(`${name}, ${tool}: F1 ${f1.toFixed(4)}, ${cpuSeconds.toFixed(1)} s CPU, ${memoryMb.toFixed(0)} MB`);
    figures.push(
      { name: `${name}, ${tool}, F1`, unit: '%', values: [f1 * 100] },
      { name: `${name}, ${tool}, CPU`, unit: 's', values: [cpuSeconds] },
      { name: `${name}, ${tool}, memory`, unit: 'MB', values: [memoryMb] },
    );
  }
  return figures;
}

/** Splink and GoldenMatch beside ours: the same CSV, whole processes, one scorer. */
export const peers: Bench = {
  name: 'peers',
  about:
    'records linked by us, Splink and GoldenMatch: F1 of pairs after clustering, CPU and peak memory of whole processes',
  async run({ quick, note }) {
    await install(note);
    const dir = mkdtempSync(join(tmpdir(), 'tessera-bench-peers-'));
    try {
      const figures: Figure[] = [];
      for (const name of quick ? QUICK_SETS : SETS) figures.push(...(await compare(name, dir, note)));
      return figures;
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  },
};
