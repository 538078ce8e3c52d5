import { customers, type Labelled } from '../../../bench/people/customers.ts';
import {
  cluster,
  prepare,
  score,
  train,
  type LinkageModel,
  type PersonRecord,
} from '../../../domain/linkage/index.ts';

/** Made-up customers, the same for the same numbers. */
export function people(records: number, seed = 1): Labelled[] {
  return [...customers({ records, seed, contact: true })];
}

export function recordsOf(labelled: readonly Labelled[]): PersonRecord[] {
  return labelled.map(({ record }) => record);
}

/** A model of a set that is known to teach one. */
export function modelOf(records: readonly PersonRecord[]): LinkageModel {
  const training = train(prepare(records));
  if (!training.ok) throw new Error(training.refusal.message);
  return training.model;
}

/** The clusters of a batch as sorted lists of ids. */
export function batch(records: readonly PersonRecord[], model: LinkageModel): string[][] {
  const prepared = prepare(records);
  return grouped(prepared.ids, cluster(prepared, model, score(prepared, model)).cluster);
}

export function grouped(ids: readonly string[], labels: ArrayLike<number>): string[][] {
  const groups = new Map<number, string[]>();
  ids.forEach((id, at) => groups.set(labels[at]!, [...(groups.get(labels[at]!) ?? []), id]));
  return [...groups.values()].sort(([x = ''], [y = '']) => (x < y ? -1 : 1));
}

/** In another order, the same for the same seed. */
export function shuffled<T>(values: readonly T[], seed: number): T[] {
  let state = seed * 2_654_435_761;
  return values
    .map((value) => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      return { value, rank: state };
    })
    .sort((x, y) => x.rank - y.rank)
    .map(({ value }) => value);
}
