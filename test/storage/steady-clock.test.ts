import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { steadyClock } from '../../storage/steady-clock.ts';

describe('a steady clock', () => {
  it('goes on by what passes, whenever the system sets its own back', () => {
    const step = fc.record({ passes: fc.nat({ max: 1_000 }), setBack: fc.nat({ max: 1_000_000 }) });
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        let system = 1_750_000_000_000;
        const clock = steadyClock(() => system);
        let expected = clock();
        for (const { passes, setBack } of steps) {
          system += passes;
          expected += passes;
          assert.equal(clock(), expected);
          system -= setBack;
          assert.equal(clock(), expected);
        }
      }),
    );
  });
});
