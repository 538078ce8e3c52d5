import assert from 'node:assert/strict';
import { BATCH_ITEMS_MAX, Batcher } from '../../../client/gateway/batcher.ts';
import type { BatchTarget } from '../../../client/gateway/batcher.ts';

const AT = '2026-01-01T00:00:00.000Z';
const WEB: BatchTarget = { source: 'web', lane: 0, mapping: 'segment' };
const lines = (count: number): string[] => Array.from({ length: count }, (_, at) => `{"body":${at}}`);

const SPREAD = { lanes: 2, since: AT };

interface Written {
  readonly source: string;
  readonly lane: number;
  readonly mapping: string;
  readonly lines: readonly string[];
  readonly spread?: unknown;
  readonly checked?: number | undefined;
  readonly finish: (error?: Error) => void;
}

function recorded(needsWake = false): { batcher: Batcher; written: Written[]; wakes: string[] } {
  const written: Written[] = [];
  const wakes: string[] = [];
  const batcher = new Batcher({
    batches: {
      append: (header, given) =>
        new Promise((resolve, reject) => {
          const { source, lane, mapping, spread, checked } = header;
          const finish = (error?: Error): void => {
            if (error === undefined) resolve({ header: { ...header, batchId: 'b' }, needsWake });
            else reject(error);
          };
          written.push({ source, lane, mapping, lines: given, finish, ...(spread && { spread }), checked });
        }),
    },
    wake: (source, lane) => wakes.push(`${source}/${lane}`),
  });
  return { batcher, written, wakes };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Finishes so many batches, each once it is on its way. */
async function finishInTurn(written: readonly Written[], batches: number): Promise<void> {
  const count = (): number => written.length;
  for (let at = 0; at < batches; at++) {
    while (count() <= at) await turn();
    written[at]?.finish();
  }
}

describe('the batcher', () => {
  it('gathers all that arrives in one turn, in order', async () => {
    const { batcher, written } = recorded();
    const waits = [batcher.add(WEB, ['1', '2'], AT), batcher.add(WEB, ['3'], AT)];
    await turn();
    assert.deepEqual(
      written.map((batch) => batch.lines),
      [['1', '2', '3']],
    );
    written[0]?.finish();
    await Promise.all(waits);
    assert.equal(batcher.pending, 0);
  });

  it('keeps a few items waiting while a batch is written, and sends many along beside it', async () => {
    const { batcher, written } = recorded();
    const first = batcher.add(WEB, ['1'], AT);
    await turn();
    const second = batcher.add(WEB, ['2'], AT);
    await turn();
    assert.equal(written.length, 1);
    const third = batcher.add(WEB, lines(100), AT);
    await turn();
    assert.deepEqual(
      written.map((batch) => batch.lines.length),
      [1, 101],
    );
    for (const batch of written) batch.finish();
    await Promise.all([first, second, third]);
  });

  it('sends a full batch on its way at once, while others of the turn still come in', async () => {
    const { batcher, written } = recorded();
    const full = batcher.add(WEB, lines(BATCH_ITEMS_MAX), AT);
    assert.equal(written.length, 1);
    const next = batcher.add(WEB, ['1'], AT);
    assert.equal(written.length, 1);
    written[0]?.finish();
    await full;
    const count = (): number => written.length;
    while (count() < 2) await turn();
    written[1]?.finish();
    await next;
    assert.deepEqual(
      written.map((batch) => batch.lines.length),
      [BATCH_ITEMS_MAX, 1],
    );
  });

  it('closes a batch at its limit and has two in flight at most', async () => {
    const { batcher, written } = recorded();
    const waits = Array.from({ length: 40 }, () => batcher.add(WEB, lines(100), AT));
    await turn();
    assert.deepEqual(
      written.map((batch) => batch.lines.length),
      [BATCH_ITEMS_MAX, BATCH_ITEMS_MAX],
    );
    for (let at = 0; at < 4; at++) {
      written[at]?.finish();
      await turn();
      await turn();
    }
    await Promise.all(waits);
    assert.equal(written.length, 4);
    assert.equal(batcher.pending, 0);
  });

  it('keeps sources, lanes and mappings apart', async () => {
    const { batcher, written } = recorded();
    const waits = [
      batcher.add(WEB, ['1'], AT),
      batcher.add({ ...WEB, lane: 1 }, ['2'], AT),
      batcher.add({ ...WEB, mapping: 'other' }, ['3'], AT),
    ];
    await turn();
    for (const batch of written) batch.finish();
    await turn();
    await turn();
    for (const batch of written) batch.finish();
    await Promise.all(waits);
    assert.deepEqual(written.map(({ lane, mapping, lines: given }) => [lane, mapping, ...given]).sort(), [
      [0, 'other', '3'],
      [0, 'segment', '1'],
      [1, 'segment', '2'],
    ]);
  });

  it('begins another batch where a source is spread anew, and says in each how it was', async () => {
    const { batcher, written } = recorded();
    const ways = [undefined, SPREAD, SPREAD, { ...SPREAD }, undefined];
    const waits = ways.map((spread) => batcher.add({ ...WEB, spread }, ['1'], AT));
    await finishInTurn(written, 4);
    await Promise.all(waits);
    assert.deepEqual(
      written.map(({ spread, lines: given }) => [spread, given.length]),
      [
        [undefined, 1],
        [SPREAD, 2],
        [SPREAD, 1],
        [undefined, 1],
      ],
    );
  });

  it('keeps lines of which other things were checked in batches of their own, and says in each what was', async () => {
    const { batcher, written } = recorded();
    const waits = [1, undefined, 1].map((checked) => batcher.add({ ...WEB, checked }, ['1'], AT));
    await finishInTurn(written, 3);
    await Promise.all(waits);
    assert.deepEqual(
      written.map(({ checked }) => checked),
      [1, undefined, 1],
    );
  });

  it('sends the batches of all lanes on their way together, once nothing else is', async () => {
    const { batcher, written } = recorded();
    const sources = ['a', 'b', 'c'].map((source) => ({ ...WEB, source }));
    const first = batcher.add(WEB, ['1'], AT);
    await turn();
    const waits = [];
    for (const target of sources) {
      waits.push(batcher.add(target, ['2'], AT));
      await turn();
    }
    assert.equal(written.length, 1);
    written[0]?.finish();
    await first;
    await turn();
    await turn();
    assert.deepEqual(
      written.map(({ source }) => source),
      ['web', 'a', 'b', 'c'],
    );
    for (const batch of written) batch.finish();
    await Promise.all(waits);
  });

  it('lets a lane whose batch takes long hold up no other', async () => {
    const { batcher, written } = recorded();
    const stuck = [batcher.add(WEB, ['1'], AT)];
    await turn();
    stuck.push(batcher.add(WEB, lines(30), AT));
    await turn();
    assert.equal(written.length, 2);
    const other = batcher.add({ ...WEB, source: 'other' }, ['2'], AT);
    const count = (): number => written.length;
    while (count() < 3) await turn();
    written[2]?.finish();
    await other;
    for (const batch of written) batch.finish();
    await Promise.all(stuck);
  });

  it('tells everybody of a failed batch, frees its room, and goes on', async () => {
    const { batcher, written } = recorded();
    const waits = [batcher.add(WEB, ['1'], AT), batcher.add(WEB, ['2'], AT)];
    await turn();
    written[0]?.finish(new Error('no room'));
    for (const wait of waits) await assert.rejects(wait, /no room/);
    await turn();
    assert.equal(batcher.pending, 0);
    const next = batcher.add(WEB, ['3'], AT);
    await turn();
    written[1]?.finish();
    await next;
  });

  it('wakes a lane only where its batch landed without a pump', async () => {
    for (const needsWake of [true, false]) {
      const { batcher, written, wakes } = recorded(needsWake);
      const wait = batcher.add(WEB, ['1'], AT);
      await turn();
      written[0]?.finish();
      await wait;
      assert.deepEqual(wakes, needsWake ? ['web/0'] : []);
    }
  });

  it('drains to the last line', async () => {
    const { batcher, written } = recorded();
    const wait = batcher.add(WEB, lines(3_000), AT);
    const drained = batcher.drain();
    assert.equal(written.length, 1);
    written[0]?.finish();
    await drained;
    await wait;
    assert.equal(batcher.pending, 0);
  });
});
