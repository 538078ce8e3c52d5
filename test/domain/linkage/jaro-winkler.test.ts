import assert from 'node:assert/strict';
import fc from 'fast-check';
import { oneDigitEdit, oneEdit } from '../../../domain/linkage/compare/edits.ts';
import { jaroWinkler } from '../../../domain/linkage/compare/jaro-winkler.ts';
import { Pool } from '../../../domain/linkage/pool.ts';

/** Winkler 1990, written for reading: units of the shorter string look for partners in the longer one. */
function reference(one: string, two: string): number {
  if (one === two) return 1;
  const ordered = one.length < two.length || (one.length === two.length && one < two);
  const [s, t] = ordered ? [one, two] : [two, one];
  const reach = Math.max(Math.floor(t.length / 2) - 1, 0);
  const taken = new Set<number>();
  const partners: number[] = [];
  for (const [i, unit] of s.split('').entries()) {
    const j = t
      .split('')
      .findIndex((other, at) => other === unit && !taken.has(at) && Math.abs(at - i) <= reach);
    if (j >= 0) {
      taken.add(j);
      partners.push(i);
    }
  }
  const m = taken.size;
  if (m === 0) return 0;
  const left = partners.map((i) => s[i]);
  const right = [...taken].sort((x, y) => x - y).map((j) => t[j]);
  const transpositions = left.filter((unit, at) => unit !== right[at]).length / 2;
  const jaro = (m / s.length + m / t.length + (m - transpositions) / m) / 3;
  if (jaro <= 0.7) return jaro;
  let prefix = 0;
  while (prefix < 4 && prefix < s.length && s[prefix] === t[prefix]) prefix += 1;
  return jaro + prefix * 0.1 * (1 - jaro);
}

/** Optimal string alignment distance by dynamic programming. */
function distance(one: string, two: string): number {
  const rows = Array.from({ length: one.length + 1 }, (_, i) =>
    Array.from({ length: two.length + 1 }, (_, j) => (i === 0 ? j : j === 0 ? i : 0)),
  );
  for (let i = 1; i <= one.length; i += 1)
    for (let j = 1; j <= two.length; j += 1) {
      const swap = i > 1 && j > 1 && one[i - 1] === two[j - 2] && one[i - 2] === two[j - 1];
      rows[i]![j] = Math.min(
        rows[i - 1]![j]! + 1,
        rows[i]![j - 1]! + 1,
        rows[i - 1]![j - 1]! + (one[i - 1] === two[j - 1] ? 0 : 1),
        swap ? rows[i - 2]![j - 2]! + 1 : Infinity,
      );
    }
  return rows[one.length]![two.length]!;
}

const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'd', 'é', 'ж'), minLength: 1, maxLength: 31 });
const short = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 6 });

describe('comparing strings where they lie', () => {
  it('gives the Jaro-Winkler similarity of the definition, and the same both ways', () => {
    fc.assert(
      fc.property(word, word, (one, two) => {
        const pool = new Pool();
        const [a, b] = [pool.intern(one), pool.intern(two)];
        assert.ok(Math.abs(jaroWinkler(pool, a, b) - reference(one, two)) < 1e-12);
        assert.equal(jaroWinkler(pool, a, b), jaroWinkler(pool, b, a));
      }),
      { numRuns: 2_000 },
    );
  });

  it('agrees with the published examples', () => {
    const pool = new Pool();
    const close = (one: string, two: string): number =>
      Number(jaroWinkler(pool, pool.intern(one), pool.intern(two)).toFixed(3));
    assert.deepEqual(
      [close('martha', 'marhta'), close('dwayne', 'duane'), close('dixon', 'dicksonx')],
      [0.961, 0.84, 0.813],
    );
  });

  it('tells one edit apart from none and from more', () => {
    fc.assert(
      fc.property(short, short, (one, two) => {
        const pool = new Pool();
        if (one === two) return;
        assert.equal(oneEdit(pool, pool.intern(one), pool.intern(two)), distance(one, two) === 1);
      }),
      { numRuns: 3_000 },
    );
  });

  it('does so for numbers of the same length, digit by digit', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1000, max: 1999 }), fc.integer({ min: 1000, max: 1999 }), (one, two) => {
        if (one !== two) assert.equal(oneDigitEdit(one, two), distance(String(one), String(two)) === 1);
      }),
      { numRuns: 3_000 },
    );
  });

  it('keeps every string it was given', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 40 }), { maxLength: 3_000 }), (texts) => {
        const pool = new Pool();
        const numbers = texts.map((text) => pool.intern(text));
        texts.forEach((text, at) => {
          assert.equal(pool.text(numbers[at]!), text);
          assert.equal(pool.intern(text), numbers[at]);
        });
      }),
      { numRuns: 50 },
    );
  });
});
