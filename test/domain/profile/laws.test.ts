import assert from 'node:assert/strict';
import fc from 'fast-check';
import { canonicalJson } from '../../../domain/canonical.ts';
import {
  emptyFragment,
  emptyState,
  evolve,
  evolveAll,
  evolveFragment,
  evolveFragmentAll,
} from '../../../domain/profile/fold.ts';
import { merge, mergeAll } from '../../../domain/profile/merge.ts';
import type { ProfileState } from '../../../domain/profile/state.ts';
import { events, policy, shuffled } from './arbitrary.ts';

function same(a: unknown, b: unknown): void {
  assert.deepEqual(a, b);
  assert.equal(canonicalJson(a), canonicalJson(b));
}

const state = events.map((all) => evolveAll(emptyState, all, policy));

describe('the fold of a profile', () => {
  it('gives the same state for any order of the events', () => {
    fc.assert(
      fc.property(shuffled, ([ordered, other]) => {
        same(evolveAll(emptyState, ordered, policy), evolveAll(emptyState, other, policy));
        same(
          evolveFragmentAll(emptyFragment, ordered, policy),
          evolveFragmentAll(emptyFragment, other, policy),
        );
      }),
    );
  });

  it('folds many events at once as it folds one after the other', () => {
    fc.assert(
      fc.property(events, (all) => {
        same(
          all.reduce((before, event) => evolve(before, event, policy), emptyState),
          evolveAll(emptyState, all, policy),
        );
        same(
          all.reduce((before, event) => evolveFragment(before, event, policy), emptyFragment),
          evolveFragmentAll(emptyFragment, all, policy),
        );
      }),
    );
  });

  it('leaves the state it starts from as it was', () => {
    fc.assert(
      fc.property(events, events, (earlier, later) => {
        const before = evolveFragmentAll(emptyFragment, earlier, policy);
        const text = JSON.stringify(before);
        evolveFragmentAll(before, later, policy);
        assert.equal(JSON.stringify(before), text);
      }),
    );
  });

  it('survives being written as JSON and read again', () => {
    fc.assert(
      fc.property(events, events, (earlier, later) => {
        const before = evolveAll(emptyState, earlier, policy);
        const read = JSON.parse(JSON.stringify(before)) as ProfileState;
        same(read, before);
        same(evolveAll(read, later, policy), evolveAll(before, later, policy));
      }),
    );
  });
});

describe('the merge of profiles', () => {
  it('is associative', () => {
    fc.assert(
      fc.property(state, state, state, (a, b, c) => {
        same(merge(merge(a, b, policy), c, policy), merge(a, merge(b, c, policy), policy));
      }),
    );
  });

  it('is commutative', () => {
    fc.assert(
      fc.property(state, state, (a, b) => {
        same(merge(a, b, policy), merge(b, a, policy));
      }),
    );
  });

  it('has the empty state as identity', () => {
    fc.assert(
      fc.property(state, (a) => {
        same(merge(a, emptyState, policy), a);
        same(merge(emptyState, a, policy), a);
      }),
    );
  });

  it('of any split of the events is the fold of them all', () => {
    fc.assert(
      fc.property(
        events,
        fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 14, maxLength: 14 }),
        (all, sides) => {
          const parts = [0, 1, 2].map((side) =>
            evolveAll(
              emptyState,
              all.filter((_, index) => sides[index] === side),
              policy,
            ),
          );
          same(mergeAll(parts, policy), evolveAll(emptyState, all, policy));
        },
      ),
    );
  });

  it('changes neither of the two', () => {
    fc.assert(
      fc.property(state, state, (a, b) => {
        const texts = [JSON.stringify(a), JSON.stringify(b)];
        merge(a, b, policy);
        assert.deepEqual([JSON.stringify(a), JSON.stringify(b)], texts);
      }),
    );
  });
});
