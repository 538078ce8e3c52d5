import { componentsOf } from '../../domain/identity/components.ts';
import type { Bench } from '../types.ts';

const PIECES = 10_000_000;
/** Identifiers for each ten pieces of evidence: most evidence repeats who is known already. */
const NODES_PER_TEN = 4;
const SEED = 20_261_123;

/** Marsaglia's xorshift32: the same graph every time, without the cost of a better generator. */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

interface Graph {
  readonly nodes: number;
  readonly a: Int32Array;
  readonly b: Int32Array;
}

/** People of a few identifiers each, and one piece in a hundred between any two: numbers as a tenant's graph has them. */
function graphOf(pieces: number): Graph {
  const nodes = (pieces / 10) * NODES_PER_TEN;
  const next = generator(SEED);
  const [a, b] = [new Int32Array(pieces), new Int32Array(pieces)];
  for (let i = 0; i < pieces; i++) {
    const one = next(nodes);
    a[i] = one;
    b[i] = next(100) === 0 ? next(nodes) : Math.min(nodes - 1, one - (one % 8) + next(8));
  }
  return { nodes, a, b };
}

function countOf(labels: Int32Array): number {
  let count = 0;
  for (let i = 0; i < labels.length; i++) if (labels[i] === i) count++;
  return count;
}

/** Who is connected with whom in a whole tenant, in one process. */
export const components: Bench = {
  name: 'components',
  about: `connected components of ${PIECES.toLocaleString('en')} pieces of evidence, by number, one process`,
  run({ quick, runs, note }) {
    const pieces = quick ? PIECES / 10 : PIECES;
    const { nodes, a, b } = graphOf(pieces);
    const [seconds, cpu]: [number[], number[]] = [[], []];
    for (let run = 0; run < runs; run += 1) {
      const began = performance.now();
      const used = process.cpuUsage();
      const labels = componentsOf(nodes, a, b);
      const { user, system } = process.cpuUsage(used);
      seconds.push((performance.now() - began) / 1_000);
      cpu.push((user + system) / 1_000_000);
      note(`${String(countOf(labels))} components of ${String(nodes)} identifiers`);
    }
    return Promise.resolve([
      { name: `${pieces.toLocaleString('en')} pieces`, unit: 's', values: seconds },
      { name: 'CPU', unit: 's', values: cpu, target: { atMost: 2 } },
    ]);
  },
};
