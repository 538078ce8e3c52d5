import assert from 'node:assert/strict';
import type { BatchHeader } from '../../../domain/ingestion/raw.ts';
import { Announcing } from '../../../storage/intake/announcing.ts';
import type { Table, WriteOp } from '../../../storage/ports.ts';

const header = (source: string): BatchHeader => ({
  ...{ source, lane: 0, mapping: 'segment', batchId: `batch-${source}`, items: 1 },
  receivedAt: '2026-01-01T00:00:00.000Z',
});

function recorded(error?: Error): { announcing: Announcing; writes: string[][] } {
  const writes: string[][] = [];
  const table = {
    write(ops: readonly WriteOp[]) {
      writes.push(ops.map(({ sk }) => sk));
      return error === undefined ? Promise.resolve() : Promise.reject(error);
    },
  } as Partial<Table> as Table;
  return { announcing: new Announcing(table), writes };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('announcing batches', () => {
  it('announces batches that set out in one turn in one write, and later ones in another', async () => {
    const { announcing, writes } = recorded();
    await Promise.all([announcing.after(header('a'), turn), announcing.after(header('b'), turn)]);
    await announcing.after(header('c'), turn);
    assert.deepEqual(writes, [['batch-a', 'batch-b'], ['batch-c']]);
  });

  it('announces nothing before its bytes are durable', async () => {
    const { announcing, writes } = recorded();
    let finish = (): void => undefined;
    const written = new Promise<void>((resolve) => (finish = resolve));
    const announced = announcing.after(header('a'), () => written);
    await turn();
    assert.deepEqual(writes, []);
    finish();
    await announced;
    assert.deepEqual(writes, [['batch-a']]);
  });

  it('lets a batch whose bytes can not be stored fail alone', async () => {
    const { announcing, writes } = recorded();
    const failed = announcing.after(header('a'), () => Promise.reject(new Error('no room')));
    const other = announcing.after(header('b'), turn);
    await assert.rejects(failed, /no room/);
    await other;
    assert.deepEqual(writes, [['batch-b']]);
  });

  it('lets none wait for long for the bytes of another', async () => {
    const { announcing, writes } = recorded();
    let finish = (): void => undefined;
    const written = new Promise<void>((resolve) => (finish = resolve));
    const slow = announcing.after(header('slow'), () => written);
    await announcing.after(header('quick'), turn);
    assert.deepEqual(writes, [['batch-quick']]);
    finish();
    await slow;
    assert.deepEqual(writes, [['batch-quick'], ['batch-slow']]);
  });

  it('tells everybody whose announcement failed', async () => {
    const { announcing } = recorded(new Error('down'));
    const waits = ['a', 'b'].map((source) => announcing.after(header(source), turn));
    for (const wait of waits) await assert.rejects(wait, /down/);
  });
});
