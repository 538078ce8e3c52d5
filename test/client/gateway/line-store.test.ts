import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { BatchTarget } from '../../../client/gateway/batcher.ts';
import { LineStore } from '../../../client/gateway/collect/line-store.ts';
import type { SourceConfig } from '../../../storage/registry/types.ts';

const AT = '2026-01-01T00:00:00.000Z';
const source: SourceConfig = {
  ...{ name: 'web', kind: 'web', mapping: 'segment', lanes: 3 },
  ...{ writeKeyHashes: [], createdAt: AT, version: 1 },
};

function added(
  home: number,
  now = () => 0,
): { store: LineStore; calls: [lane: number, mapping: string, lines: number][] } {
  const calls: [number, string, number][] = [];
  const add = ({ lane, mapping }: BatchTarget, lines: readonly string[]): Promise<void> => {
    calls.push([lane, mapping, lines.length]);
    return Promise.resolve();
  };
  return { store: new LineStore({ add }, home, now), calls };
}

const lines = (count: number): string[] => Array.from({ length: count }, (_, i) => `{"n":${i}}`);

describe('lines of a request', () => {
  it('go to the lanes that they belong to where they are many', async () => {
    const { store, calls } = added(1);
    await store.add(source, [lines(6), undefined, lines(4)], { receivedAt: AT });
    assert.deepEqual(calls, [
      [0, 'segment', 6],
      [2, 'segment', 4],
    ]);
  });

  it("go to the gateway's own lane, in their order, where they are few", async () => {
    const { store, calls } = added(4);
    await store.add(source, [lines(9)], { receivedAt: AT, mapping: 'shop@2' });
    assert.deepEqual(calls, [[1, 'shop@2', 9]]);
  });

  it('are to be spread where they are many and their source has many a second', async () => {
    let now = 0;
    const { store } = added(0, () => now);
    const wanted = (): number[] => [1, 9, 10, 500].map((items) => store.lanesFor(source, items));
    assert.deepEqual(wanted(), [1, 1, 1, 1]);
    await store.add(source, [lines(3_999)], { receivedAt: AT });
    assert.deepEqual(wanted(), [1, 1, 1, 1]);
    now = 900;
    await store.add(source, [lines(1)], { receivedAt: AT });
    assert.deepEqual(wanted(), [1, 1, 3, 3]);
    assert.equal(store.lanesFor({ ...source, name: 'other' }, 500), 1);
  });

  it('stay spread at four fifths of the rate that spread them', async () => {
    let now = 0;
    const { store } = added(0, () => now);
    await store.add(source, [lines(4_000)], { receivedAt: AT });
    for (now = 500; now <= 60_000; now += 500) {
      await store.add(source, [lines(1_600)], { receivedAt: AT });
      assert.equal(store.lanesFor(source, 100), 3);
    }
  });

  it('are spread no more once the last seconds had fewer than what one pump takes with ease', async () => {
    let now = 0;
    const { store } = added(0, () => now);
    await store.add(source, [lines(4_000)], { receivedAt: AT });
    const spreadAt: number[] = [];
    for (now = 500; now < 10_000; now += 500) {
      await store.add(source, [lines(1_000)], { receivedAt: AT });
      if (store.lanesFor(source, 100) > 1) spreadAt.push(now);
    }
    assert.deepEqual([spreadAt.at(0), spreadAt.at(-1)], [500, 3_500]);
  });

  it('are spread no more after a second of few', async () => {
    let now = 0;
    const { store } = added(0, () => now);
    const ofASecond = async (first: number, second: number): Promise<number> => {
      await store.add(source, [lines(first)], { receivedAt: AT });
      now += 500;
      await store.add(source, [lines(second)], { receivedAt: AT });
      now += 500;
      return store.lanesFor(source, 100);
    };
    assert.equal(await ofASecond(4_000, 4_000), 3);
    assert.equal(await ofASecond(999, 1), 3, 'a second of a thousand ends nothing');
    assert.equal(await ofASecond(3_999, 1), 3);
    assert.equal(await ofASecond(998, 1), 1);
    assert.equal(await ofASecond(1, 1), 1);
    assert.equal(await ofASecond(1, 4_000), 3, 'many begin anew');
  });

  for (const [pause, lanes] of [
    [999, 3],
    [1_000, 1],
    [30_000, 1],
  ] as const)
    it(`are ${lanes > 1 ? 'still' : 'not'} spread after a pause of ${pause} ms`, async () => {
      let now = 900;
      const { store } = added(0, () => now);
      await store.add(source, [lines(1)], { receivedAt: AT });
      now += 500;
      await store.add(source, [lines(9_000)], { receivedAt: AT });
      now += pause;
      assert.equal(store.lanesFor(source, 100), lanes);
    });

  it('say how their source is spread, and since when, few or many', async () => {
    let now = 0;
    const spreads: BatchTarget['spread'][] = [];
    const add = ({ spread }: BatchTarget): Promise<void> => {
      spreads.push(spread);
      return Promise.resolve();
    };
    const store = new LineStore({ add }, 0, () => now);
    const at = (n: number): string => `2026-01-01T00:00:0${n}.000Z`;
    await store.add(source, [lines(3_999)], { receivedAt: at(0) });
    await store.add(source, [lines(1)], { receivedAt: at(1), mapping: 'shop@2' });
    await store.add(source, [undefined, lines(20)], { receivedAt: at(2) });
    await store.add({ ...source }, [lines(9)], { receivedAt: at(3) });
    now += 500;
    await store.add({ ...source, lanes: 4 }, [lines(9)], { receivedAt: at(4) });
    now += 1_000;
    await store.add(source, [lines(9)], { receivedAt: at(5) });
    await store.add(source, [lines(20), lines(20)], { receivedAt: at(6) });
    await store.add(source, [lines(4_000)], { receivedAt: at(7) });
    const since = (n: number, lanes = 3) => ({ lanes, since: at(n) });
    const more = since(4, 4);
    assert.deepEqual(spreads, [
      undefined,
      since(1),
      since(1),
      since(1),
      more,
      undefined,
      more,
      more,
      since(7),
    ]);
    assert.ok(spreads[1] === spreads[2] && spreads[2] === spreads[3], 'a spreading is one object');
  });

  it('go to the only lane of a source that has one', async () => {
    const { store, calls } = added(7);
    await store.add({ ...source, lanes: 1 }, [lines(500)], { receivedAt: AT });
    assert.deepEqual(calls, [[0, 'segment', 500]]);
  });

  it('are never said to be spread over the only lane', async () => {
    const spreads: BatchTarget['spread'][] = [];
    const add = ({ spread }: BatchTarget): Promise<void> => {
      spreads.push(spread);
      return Promise.resolve();
    };
    await new LineStore({ add }, 0, () => 0).add({ ...source, lanes: 1 }, [lines(9_000)], { receivedAt: AT });
    assert.deepEqual(spreads, [undefined]);
  });
});
