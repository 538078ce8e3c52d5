import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import {
  exactTime,
  formatTime,
  parseTime,
  TIME_MAX_MS,
  TIME_MIN_MS,
} from '../../../domain/ingestion/time.ts';

describe('a time as it is written by most libraries', () => {
  it('is read as it was written', () => {
    const time = fc.integer({ min: TIME_MIN_MS, max: TIME_MAX_MS });
    fc.assert(fc.property(time, (ms) => exactTime(formatTime(ms)) === ms));
    for (const ms of [TIME_MIN_MS, TIME_MAX_MS, 0, -1]) assert.equal(exactTime(formatTime(ms)), ms);
  });

  it('is any day of the calendar, and no other', () => {
    for (const year of ['0001', '0004', '1900', '1970', '2000', '2023', '2024', '2100', '9999'])
      for (let month = 0; month <= 13; month += 1)
        for (let day = 0; day <= 32; day += 1) {
          const two = (n: number): string => String(n).padStart(2, '0');
          const text = `${year}-${two(month)}-${two(day)}T12:30:59.007Z`;
          const ms = Date.parse(text);
          // `Date.parse` takes the 30th of February for the 1st of March.
          const isDay = !Number.isNaN(ms) && new Date(ms).toISOString() === text;
          assert.equal(exactTime(text), isDay ? ms : undefined, text);
        }
  });

  it('is no text that differs from it in one character, unless that is a time as well', () => {
    const text = '2024-02-29T23:59:59.999Z';
    const change = fc.tuple(fc.nat({ max: text.length - 1 }), fc.string({ minLength: 1, maxLength: 1 }));
    fc.assert(
      fc.property(change, ([at, char]) => {
        const changed = text.slice(0, at) + char + text.slice(at + 1);
        const exact = exactTime(changed);
        const ms = Date.parse(changed);
        const isExact = !Number.isNaN(ms) && formatTime(ms) === changed && !changed.startsWith('0000');
        assert.equal(exact, isExact ? ms : undefined);
        if (exact !== undefined) assert.equal(parseTime(changed), exact);
      }),
      { numRuns: 2_000 },
    );
    for (const other of ['', '2024-02-29', '2024-02-29T23:59:59Z', '+002024-02-29T23:59:59.9Z', `${text} `])
      assert.equal(exactTime(other), undefined);
  });
});
