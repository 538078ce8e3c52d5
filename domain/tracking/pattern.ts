/** Characters of a pattern, and of a text that one is tried on: what bounds the time that a match can take. */
export const PATTERN_CHARS_MAX = 500;
export const MATCHED_CHARS_MAX = 1_000;
/** Repetitions without an upper bound in one pattern: a match takes at most the text's length to this power. */
const UNBOUNDED_MAX = 3;

const UNBOUNDED = /^(?:[*+]|\{\d*,\})/;
const BOUNDED = /^(?:\?|\{\d+(?:,\d+)?\})/;

/**
 * What is wrong with a pattern of a tenant's; undefined where it can be used. Refuses what makes matching take
 * exponential time: repetitions within repetitions, and references back. Cheaper patterns are bounded in number.
 */
export function patternProblem(pattern: string): string | undefined {
  if (pattern.length > PATTERN_CHARS_MAX) return `has more than ${PATTERN_CHARS_MAX} characters`;
  try {
    new RegExp(pattern, 'u');
  } catch {
    return 'is no regular expression';
  }
  if (/\\(?:[1-9]|k<)/.test(pattern)) return 'refers back to a group, which can take for ever';
  if (/\(\?(?:[=!]|<[=!])/.test(pattern)) return 'looks ahead or behind, which is not taken';
  return new Repetitions(pattern).problem();
}

/** Walks a pattern for repetitions. */
class Repetitions {
  readonly #pattern: string;
  #unbounded = 0;
  /** For each group that is open: whether something in it repeats. */
  readonly #open: boolean[] = [];

  constructor(pattern: string) {
    this.#pattern = pattern;
  }

  problem(): string | undefined {
    const pattern = this.#pattern;
    let at = 0;
    while (at < pattern.length) {
      const char = pattern.charAt(at);
      if (char === '\\') at += 2;
      else if (char === '[') at = this.#classEnd(at);
      else if (char === '(') {
        this.#open.push(false);
        at += 1;
      } else if (char === ')') {
        const nested = this.#open.pop() === true;
        at += 1;
        const repeats = this.#repetition(at);
        if (nested && repeats > 0) return 'repeats a group that repeats something itself';
        if (nested) this.#mark();
      } else {
        const length = this.#repetition(at);
        if (length > 0) this.#mark();
        at += Math.max(length, 1);
      }
      if (this.#unbounded > UNBOUNDED_MAX)
        return `has more than ${UNBOUNDED_MAX} repetitions without an upper bound`;
    }
    return undefined;
  }

  /** Length of a repetition at a place, 0 where there is none; `?` repeats nothing. */
  #repetition(at: number): number {
    const rest = this.#pattern.slice(at, at + 20);
    const unbounded = UNBOUNDED.exec(rest);
    if (unbounded !== null) {
      this.#unbounded += 1;
      return unbounded[0].length;
    }
    const bounded = BOUNDED.exec(rest);
    return bounded === null || bounded[0] === '?' ? 0 : bounded[0].length;
  }

  #mark(): void {
    if (this.#open.length > 0) this.#open[this.#open.length - 1] = true;
  }

  #classEnd(at: number): number {
    let end = at + 1;
    while (end < this.#pattern.length && this.#pattern.charAt(end) !== ']')
      end += this.#pattern.charAt(end) === '\\' ? 2 : 1;
    return end + 1;
  }
}
