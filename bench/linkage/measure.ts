/** `measure.ts SET`: links one set in this process alone and prints what came of it as JSON. */
import { readFileSync } from 'node:fs';
import { Matcher, Preparer, cluster, evaluate, score, train } from '../../domain/linkage/index.ts';
import type { PersonRecord } from '../../domain/linkage/types.ts';
import type { Labelled } from '../people/customers.ts';
import { LINKAGE_SETS } from './sets.ts';

/** Records made before they are taken in: making them is not what is measured. */
const PORTION = 10_000;
/** Records that are matched one at a time against all the others. */
const QUERIES = 2_000;

/** What one set came to. */
export interface Measured {
  readonly f1: number;
  readonly precision: number;
  readonly recall: number;
  readonly largest: number;
  readonly cpuSeconds: number;
  readonly memoryMb: number;
  /** Milliseconds of one match, sorted; empty where there were none. */
  readonly matches: readonly number[];
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000_000;
}

function peakMb(): number {
  return Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? 0) / 1024;
}

function* portions(labelled: Iterable<Labelled>): Generator<Labelled[]> {
  let portion: Labelled[] = [];
  for (const one of labelled) {
    portion.push(one);
    if (portion.length < PORTION) continue;
    yield portion;
    portion = [];
  }
  yield portion;
}

function link(name: string): Measured {
  const set = LINKAGE_SETS[name];
  if (!set) throw new Error(`there is no set ${name}`);
  const preparer = new Preparer();
  const labels = new Map<string, number>();
  let used = 0;
  for (const portion of portions(set.make())) {
    for (const { record, person } of portion) labels.set(record.id, person);
    const began = cpuSeconds();
    for (const { record } of portion) preparer.add(record);
    used += cpuSeconds() - began;
  }
  const began = cpuSeconds();
  const prepared = preparer.finish();
  const training = train(prepared);
  if (!training.ok) throw new Error(training.refusal.message);
  const { cluster: clusters } = cluster(prepared, training.model, score(prepared, training.model));
  used += cpuSeconds() - began;
  const memoryMb = peakMb();
  const whose = prepared.ids.map((id) => labels.get(id) ?? -1);
  const sizes = new Int32Array(prepared.size);
  for (const root of clusters) sizes[root] = (sizes[root] ?? 0) + 1;
  const { f1, precision, recall } = evaluate(clusters, whose);
  const largest = sizes.reduce((most, size) => Math.max(most, size), 0);
  const records = name === 'customers-100k' ? [...set.make()].map(({ record }) => record) : [];
  const matches = records.length > 0 ? matchEach(new Matcher(training.model, records), records) : [];
  return { f1, precision, recall, largest, cpuSeconds: used, memoryMb, matches };
}

function matchEach(matcher: Matcher, records: readonly PersonRecord[]): number[] {
  const times: number[] = [];
  for (let query = 0; query < QUERIES; query += 1) {
    const record = records[(query * 7_919) % records.length];
    if (!record) continue;
    const began = performance.now();
    matcher.match({ ...record, id: 'new' });
    times.push(performance.now() - began);
  }
  return times.sort((x, y) => x - y);
}

console.log(JSON.stringify(link(process.argv[2] ?? '')));
