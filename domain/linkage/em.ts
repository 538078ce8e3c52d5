import type { Chance } from './chance.ts';
import type { Comparison } from './compare/comparisons.ts';
import { ADDRESS_LEVELS } from './compare/levels.ts';

/** Parameters of the three latent classes. `same[k][l]`: probability of level l of comparison k, given that it is present. */
export interface Parameters {
  readonly same: Float64Array[];
  readonly household: Float64Array[];
  readonly unrelated: Float64Array[];
  priorSame: number;
  priorHousehold: number;
}

export interface Estimate {
  readonly parameters: Parameters;
  readonly iterations: number;
  readonly converged: boolean;
}

export interface PatternCounts {
  readonly size: number;
  readonly counts: Float64Array;
  /** Levels of all patterns, pattern after pattern. */
  readonly levels: Uint8Array;
}

const ITERATIONS_MAX = 2_000;
/** Largest change of any parameter in a step at which the estimate has settled. */
const SETTLED = 2e-5;
/** Pairs of each class that are taken to have been seen as the first guess has them. */
const PRIOR_PAIRS = 4;
const LEAST = 1e-12;

/**
 * Expectation maximization over counts of patterns, in all pairs of records: the pairs that no blocking rule proposed are
 * of strangers, which is why their share and their levels are those of chance less what the other two classes took.
 * People of one household have the shared fields in common; in all others they are strangers.
 */
export function estimate(
  patterns: PatternCounts,
  comparisons: readonly Comparison[],
  chance: readonly Chance[],
  totalPairs: number,
  records: number,
): Estimate {
  const guess = firstGuess(comparisons, chance);
  const parameters: Parameters = {
    same: guess.same.map((levels) => levels.slice()),
    household: guess.household.map((levels) => levels.slice()),
    unrelated: chance.map(({ levels }) => levels.slice()),
    priorSame: Math.min(0.1, (records * 0.2) / totalPairs),
    priorHousehold: Math.min(0.1, (records * 0.2) / totalPairs),
  };
  for (let iteration = 1; iteration <= ITERATIONS_MAX; iteration += 1) {
    const counts = expect(patterns, parameters, comparisons.length);
    const moved = maximize(parameters, counts, guess, comparisons, chance, totalPairs);
    if (moved < SETTLED) return { parameters, iterations: iteration, converged: true };
  }
  return { parameters, iterations: ITERATIONS_MAX, converged: false };
}

interface Expected {
  readonly same: Float64Array[];
  readonly household: Float64Array[];
  sameTotal: number;
  householdTotal: number;
}

function expect(patterns: PatternCounts, parameters: Parameters, width: number): Expected {
  const logs = [parameters.same, parameters.household, parameters.unrelated].map((classes) =>
    classes.map((levels) => levels.map((p) => Math.log(Math.max(p, LEAST)))),
  );
  const priors = [
    parameters.priorSame,
    parameters.priorHousehold,
    1 - parameters.priorSame - parameters.priorHousehold,
  ].map((p) => Math.log(p));
  const expected: Expected = {
    same: parameters.same.map((levels) => new Float64Array(levels.length)),
    household: parameters.household.map((levels) => new Float64Array(levels.length)),
    ...{ sameTotal: 0, householdTotal: 0 },
  };
  for (let pattern = 0; pattern < patterns.size; pattern += 1) {
    const [s, h, u] = priors.map((prior, kind) => {
      let sum = prior;
      for (let k = 0; k < width; k += 1) {
        const level = patterns.levels[pattern * width + k] as number;
        if (level !== 0) sum += logs[kind]?.[k]?.[level] as number;
      }
      return sum;
    }) as [number, number, number];
    const most = Math.max(s, h, u);
    const [es, eh, eu] = [Math.exp(s - most), Math.exp(h - most), Math.exp(u - most)];
    const count = (patterns.counts[pattern] as number) / (es + eh + eu);
    const [same, household] = [es * count, eh * count];
    expected.sameTotal += same;
    expected.householdTotal += household;
    for (let k = 0; k < width; k += 1) {
      const level = patterns.levels[pattern * width + k] as number;
      const [sameOf, householdOf] = [expected.same[k] as Float64Array, expected.household[k] as Float64Array];
      sameOf[level] = (sameOf[level] as number) + same;
      householdOf[level] = (householdOf[level] as number) + household;
    }
  }
  return expected;
}

function maximize(
  parameters: Parameters,
  expected: Expected,
  guess: Pick<Parameters, 'same' | 'household'>,
  comparisons: readonly Comparison[],
  chance: readonly Chance[],
  totalPairs: number,
): number {
  let moved = 0;
  comparisons.forEach(({ shared }, k) => {
    const [same, household] = [expected.same[k] as Float64Array, expected.household[k] as Float64Array];
    const unrelated = parameters.unrelated[k] as Float64Array;
    const { levels, present } = chance[k] as Chance;
    for (let level = 1; level < levels.length; level += 1) {
      const all = (levels[level] as number) * present * totalPairs;
      const left = all - (same[level] as number) - (household[level] as number);
      unrelated[level] = Math.max(left, all * 0.01, LEAST);
    }
    normalize(unrelated);
    moved = Math.max(moved, update(parameters.same[k] as Float64Array, same, guess.same[k] as Float64Array));
    const target = parameters.household[k] as Float64Array;
    if (shared === 0) target.set(unrelated);
    else moved = Math.max(moved, update(target, household, guess.household[k] as Float64Array, shared));
  });
  const [same, household] = [expected.sameTotal / totalPairs, expected.householdTotal / totalPairs];
  moved = Math.max(moved, Math.abs(Math.log((same + LEAST) / (parameters.priorSame + LEAST))));
  parameters.priorSame = Math.min(0.9, Math.max(LEAST, same));
  parameters.priorHousehold = Math.min(0.09, Math.max(LEAST, household));
  return moved;
}

/** Sets probabilities from expected counts and the first guess, exact agreement to `most` at most; answers the largest change. */
function update(target: Float64Array, counts: Float64Array, guess: Float64Array, most = 1): number {
  const before = target.slice();
  for (let level = 1; level < counts.length; level += 1)
    target[level] = (counts[level] as number) + PRIOR_PAIRS * (guess[level] as number);
  normalize(target);
  const exact = target[target.length - 1] as number;
  if (exact > most) {
    target[target.length - 1] = (most * (1 - exact)) / (1 - most);
    normalize(target);
  }
  return target.reduce((moved, p, level) => Math.max(moved, Math.abs(p - (before[level] as number))), 0);
}

function normalize(levels: Float64Array): void {
  levels[0] = 0;
  const total = levels.reduce((sum, p) => sum + p, 0);
  for (let level = 1; level < levels.length; level += 1) levels[level] = (levels[level] as number) / total;
}

/** What is assumed before any data: the same person mostly agrees exactly, a household on what it shares. */
function firstGuess(
  comparisons: readonly Comparison[],
  chance: readonly Chance[],
): Pick<Parameters, 'same' | 'household'> {
  const same = comparisons.map(({ name, levels }) =>
    name === 'address' ? addressGuess(0.7, 0.75, 0.75) : agreeing(levels.length, 0.8),
  );
  const household = comparisons.map(({ name, levels, shared }, k) => {
    if (shared < 1) {
      const levels = (chance[k] as Chance).levels.slice();
      levels[levels.length - 1] = Math.max(levels[levels.length - 1] as number, shared / 2);
      normalize(levels);
      return levels;
    }
    if (name === 'address') return addressGuess(0.85, 0.85, 0.85);
    const p = name === 'surname' ? 0.7 : name === 'phone' ? 0.4 : name === 'email' ? 0.1 : 0;
    if (p === 0) return (chance[k] as Chance).levels.slice();
    return agreeing(levels.length, p);
  });
  return { same, household };
}

/** `p` on the exact level, half of the rest on those between, and half on "different". */
function agreeing(length: number, p: number): Float64Array {
  const levels = new Float64Array(length).fill((1 - p) / 2 / Math.max(1, length - 3));
  levels[0] = 0;
  levels[1] = (1 - p) / 2;
  levels[length - 1] = p;
  normalize(levels);
  return levels;
}

/** Streets, numbers and places as if they were independent, each agreeing with the probability given. */
function addressGuess(street: number, number: number, place: number): Float64Array {
  const parts = [
    [0.3, (1 - street) * 0.7, (1 - street) * 0.3, street],
    [0.3, (1 - number) * 0.7, (1 - number) * 0.3, number],
    [0.3, (1 - place) * 0.4, (1 - place) * 0.2, (1 - place) * 0.2, (1 - place) * 0.2, place],
  ];
  const levels = new Float64Array(ADDRESS_LEVELS.length);
  for (let level = 1; level < levels.length; level += 1)
    levels[level] =
      (parts[0]?.[level % 4] ?? 0) * (parts[1]?.[(level >> 2) % 4] ?? 0) * (parts[2]?.[level >> 4] ?? 0);
  normalize(levels);
  return levels;
}
