import { mix32 } from '../hash.ts';
import type { Prepared } from '../prepare.ts';
import type { BlockingCount } from '../types.ts';
import { blockingRules, keysOf, type BlockingRule } from './rules.ts';

/** Most records that may share a key. A larger block is refused whole: its key says nothing about who is who. */
export const BLOCK_MAX = 200;

/** The same for loose rules, whose keys say less. */
export const LOOSE_BLOCK_MAX = 40;

/** Most pairs that a loose rule may make, for each record of the set. */
const LOOSE_PAIRS = 4;

/** Pairs to compare, `a[i] < b[i]`, each once. */
export interface Candidates {
  readonly length: number;
  readonly a: Int32Array;
  readonly b: Int32Array;
  readonly counts: readonly BlockingCount[];
}

/**
 * All pairs that some rule proposes, by rule; a pair counts for the first rule that proposes it. A model has settled which
 * of the loose rules are used (`used`); where it has not, those are that make few pairs.
 */
export function candidatesOf(prepared: Prepared, used?: ReadonlySet<string>): Candidates {
  const pairs = new PairList();
  const earlier: Int32Array[] = [];
  const counts = blockingRules([...prepared.other.keys()]).map((rule): BlockingCount => {
    const keys = keysOf(prepared, rule);
    const before = pairs.length;
    const blocks = groupByKey(keys);
    let [refusedKeys, refusedPairs] = [0, 0];
    const most = blockMax(rule);
    const all = pairsOf(blocks, most);
    if (rule.loose === true && !(used ? used.has(rule.name) : all <= prepared.size * LOOSE_PAIRS))
      return {
        rule: rule.name,
        records: blocks.records,
        used: false,
        pairs: 0,
        refusedKeys,
        refusedPairs: all,
      };
    for (let block = 0; block + 1 < blocks.starts.length; block += 1) {
      const [from, to] = [blocks.starts[block] as number, blocks.starts[block + 1] as number];
      const size = to - from;
      if (size <= most) emit(blocks.members, from, to, earlier, pairs);
      else {
        refusedKeys += 1;
        refusedPairs += (size * (size - 1)) / 2;
        for (let at = from; at < to; at += 1) keys[blocks.members[at] as number] = 0;
      }
    }
    earlier.push(keys);
    return {
      ...{ rule: rule.name, records: blocks.records, used: true, pairs: pairs.length - before },
      ...{ refusedKeys, refusedPairs },
    };
  });
  return { length: pairs.length, a: pairs.a, b: pairs.b, counts };
}

/** Emits the pairs of one block that no earlier rule has proposed. */
function emit(
  members: Int32Array,
  from: number,
  to: number,
  earlier: readonly Int32Array[],
  pairs: PairList,
): void {
  for (let i = from; i < to; i += 1) {
    const one = members[i] as number;
    next: for (let j = i + 1; j < to; j += 1) {
      const two = members[j] as number;
      for (const keys of earlier) if (keys[one] !== 0 && keys[one] === keys[two]) continue next;
      pairs.push(one < two ? one : two, one < two ? two : one);
    }
  }
}

/** Most records that may share a key of a rule. */
export function blockMax({ loose }: BlockingRule): number {
  return loose === true ? LOOSE_BLOCK_MAX : BLOCK_MAX;
}

/** Pairs of all blocks that are not too large. */
function pairsOf({ starts }: Blocks, most: number): number {
  let pairs = 0;
  for (let block = 0; block + 1 < starts.length; block += 1) {
    const size = (starts[block + 1] as number) - (starts[block] as number);
    if (size <= most) pairs += (size * (size - 1)) / 2;
  }
  return pairs;
}

interface Blocks {
  /** Records that have a key. */
  readonly records: number;
  /** Records of blocks of two or more, block after block; `starts` has one more entry than there are blocks. */
  readonly members: Int32Array;
  readonly starts: Int32Array;
}

/** Groups records by key with an open-addressing table of counts; keys that one record has alone are left out. */
function groupByKey(keys: Int32Array): Blocks {
  const slots = 1 << Math.max(4, 32 - Math.clz32(keys.length * 2 - 1));
  const [table, counts] = [new Int32Array(slots), new Int32Array(slots)];
  const slotOf = new Int32Array(keys.length).fill(-1);
  let records = 0;
  for (let at = 0; at < keys.length; at += 1) {
    const key = keys[at] as number;
    if (key === 0) continue;
    let slot = mix32(key) & (slots - 1);
    while (table[slot] !== 0 && table[slot] !== key) slot = (slot + 1) & (slots - 1);
    table[slot] = key;
    counts[slot] = (counts[slot] as number) + 1;
    slotOf[at] = slot;
    records += 1;
  }
  let [blocks, grouped] = [0, 0];
  for (let slot = 0; slot < slots; slot += 1)
    if ((counts[slot] as number) > 1) {
      blocks += 1;
      grouped += counts[slot] as number;
    }
  const starts = new Int32Array(blocks + 1);
  const next = new Int32Array(slots).fill(-1);
  let [block, offset] = [0, 0];
  for (let slot = 0; slot < slots; slot += 1) {
    if ((counts[slot] as number) < 2) continue;
    starts[block] = offset;
    next[slot] = offset;
    offset += counts[slot] as number;
    block += 1;
  }
  starts[block] = offset;
  const members = new Int32Array(grouped);
  for (let at = 0; at < keys.length; at += 1) {
    const slot = slotOf[at] as number;
    if (slot < 0 || next[slot] === -1) continue;
    members[next[slot] as number] = at;
    next[slot] = (next[slot] as number) + 1;
  }
  return { records, members, starts };
}

/** Pairs in two arrays that grow together. */
class PairList {
  a = new Int32Array(1 << 12);
  b = new Int32Array(1 << 12);
  length = 0;

  push(one: number, two: number): void {
    if (this.length === this.a.length) {
      const [a, b] = [new Int32Array(this.length * 2), new Int32Array(this.length * 2)];
      a.set(this.a);
      b.set(this.b);
      [this.a, this.b] = [a, b];
    }
    this.a[this.length] = one;
    this.b[this.length] = two;
    this.length += 1;
  }
}
