import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { Turns } from '../../../client/gateway/collect/turns.ts';

describe('turns of the event loop', () => {
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  /** Works of so many milliseconds each by a clock that only they move; what was done, by turn. */
  async function done(works: readonly number[]): Promise<number[][]> {
    let now = 0;
    const turns = new Turns(() => now);
    const log: number[][] = [[]];
    const all = works.map((ms, at) =>
      turns.run(() => {
        now += ms;
        log.at(-1)?.push(at);
        return at;
      }),
    );
    while (log.flat().length < works.length) {
      log.push([]);
      await turn();
    }
    assert.deepEqual(await Promise.all(all), [...works.keys()]);
    return log.filter((ran) => ran.length > 0);
  }

  it('take what they have time for, at once, and leave the rest in its order to later ones', async () => {
    assert.deepEqual(await done([1, 1, 1]), [[0, 1, 2]]);
    assert.deepEqual(await done([2, 2, 2, 2, 2, 2, 2]), [[0, 1, 2], [3, 4, 5], [6]]);
    assert.deepEqual(await done([1, 9, 1, 1, 9, 1]), [[0, 1], [2, 3, 4], [5]]);
  });

  it('pass on what work throws, at once or later, and go on', async () => {
    let now = 0;
    const turns = new Turns(() => now);
    const failing = (): Promise<never> =>
      turns.run(() => {
        now += 10;
        throw new Error('broken');
      });
    const results = await Promise.allSettled([failing(), failing(), turns.run(() => 'done')]);
    assert.deepEqual(
      results.map(({ status }) => status),
      ['rejected', 'rejected', 'fulfilled'],
    );
  });

  it('let others of the event loop go before what they leave to later', async () => {
    let now = 0;
    const turns = new Turns(() => now);
    const order: string[] = [];
    const work = (name: string): Promise<void> =>
      turns.run(() => {
        now += 10;
        order.push(name);
      });
    const works = [work('first'), work('second'), work('third')];
    setImmediate(() => order.push('other'));
    await Promise.all(works);
    assert.deepEqual(order, ['first', 'second', 'other', 'third']);
  });
});
