import assert from 'node:assert/strict';
import fc from 'fast-check';
import { KeySet } from '../../storage/key-set.ts';

const part = fc.constantFrom('a', 'b', 'c', 'a\u0000b');
const keys = fc.array(fc.record({ pk: part, sk: part }), { maxLength: 30 });

describe('a set of keys', () => {
  it('knows what was added, and tells what was there already', () => {
    fc.assert(
      fc.property(keys, keys, (added, asked) => {
        const set = new KeySet();
        const model = new Set<string>();
        for (const key of added) {
          const name = JSON.stringify([key.pk, key.sk]);
          assert.equal(set.add(key), !model.has(name));
          model.add(name);
        }
        for (const key of asked) assert.equal(set.has(key), model.has(JSON.stringify([key.pk, key.sk])));
      }),
    );
  });
});
