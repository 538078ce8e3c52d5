import assert from 'node:assert/strict';
import fc from 'fast-check';
import { joinTold, toldBy, TOLD_VALUES_MAX } from '../../../domain/profile/told.ts';
import type { ToldValue } from '../../../domain/profile/state.ts';

/** Events that tell a number each, more different ones than are kept. */
const tellings = fc
  .array(fc.integer({ min: 0, max: 2 * TOLD_VALUES_MAX }), { minLength: 1, maxLength: 1_500 })
  .map((values) =>
    values.map((value, i): ToldValue[] =>
      toldBy([value], {
        at: '2026-01-01T00:00:00.000Z',
        source: 'web',
        messageId: String(i).padStart(5, '0'),
      }),
    ),
  );

const join = (parts: readonly (readonly ToldValue[])[]): readonly ToldValue[] =>
  parts.reduce<readonly ToldValue[]>((all, part) => joinTold(all, part), []);

describe('what events told of a trait', () => {
  it('is bounded, and the same however the history is cut and joined again', () => {
    fc.assert(
      fc.property(tellings, fc.integer({ min: 2, max: 5 }), (all, parts) => {
        const whole = join(all);
        assert.ok(whole.length <= TOLD_VALUES_MAX);
        const cut = Array.from({ length: parts }, (_, part) =>
          join(all.filter((_e, i) => i % parts === part)),
        );
        assert.deepEqual(join(cut), whole);
        assert.deepEqual(join([...cut].reverse()), whole);
      }),
      { numRuns: 20 },
    );
  });

  it('counts exactly every value that is kept', () => {
    fc.assert(
      fc.property(tellings, (all) => {
        for (const { value, count, messageId } of join(all)) {
          const same = all.flat().filter((told) => told.value === value);
          assert.equal(count, same.length);
          assert.equal(messageId, same.at(-1)?.messageId);
        }
      }),
      { numRuns: 10 },
    );
  });

  it('of one event has each value once', () => {
    const stamp = { at: '2026-01-01T00:00:00.000Z', source: 'web', messageId: 'm' };
    assert.deepEqual(
      toldBy(['b', 'a', 'b', null, 2], stamp).map(({ value, count }) => [value, count]),
      [
        [null, 1],
        [2, 1],
        ['a', 1],
        ['b', 1],
      ],
    );
  });
});
