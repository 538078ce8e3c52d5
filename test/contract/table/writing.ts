import assert from 'node:assert/strict';
import { ConditionFailed, ItemTooLarge, StorageError } from '../../../storage/errors.ts';
import { ITEM_BYTES_MAX, WRITE_OPS_MAX } from '../../../storage/ports.ts';
import type { WriteOp } from '../../../storage/ports.ts';
import { put, text, type TableUnderTest } from './items.ts';

/** How a table writes. */
export function writingCases(given: () => TableUnderTest): void {
  it('stores an item with its version, its bytes and its expiry', async () => {
    const expiresAt = Math.floor(given().now / 1000) + 3600;
    await given().table.write([put('w/1', 'a', 'x', { version: 7, expiresAt })]);
    const item = await given().table.get({ pk: 'w/1', sk: 'a' });
    assert.ok(item);
    assert.deepEqual(
      { ...item, value: text(item) },
      { pk: 'w/1', sk: 'a', version: 7, value: 'x', expiresAt },
    );
  });

  it('stores an empty value and any byte', async () => {
    const all = Uint8Array.from({ length: 256 }, (_, i) => i);
    await given().table.write([put('w/2', 'all', '', { value: all }), put('w/2', 'empty', '')]);
    assert.deepEqual(
      Buffer.from((await given().table.get({ pk: 'w/2', sk: 'all' }))!.value),
      Buffer.from(all),
    );
    assert.equal((await given().table.get({ pk: 'w/2', sk: 'empty' }))!.value.length, 0);
  });

  it('does nothing when no op is given', async () => {
    await given().table.write([]);
  });

  it('puts an item only where it is absent, if so told', async () => {
    const op = put('w/3', 'a', 'first', { expect: 'absent' });
    await given().table.write([op]);
    await assert.rejects(
      given().table.write([put('w/3', 'a', 'second', { expect: 'absent' })]),
      (error) => error instanceof ConditionFailed && error.failed.includes(0),
    );
    assert.equal(text(await given().table.get({ pk: 'w/3', sk: 'a' })), 'first');
  });

  it('puts and deletes an item only at the expected version', async () => {
    await given().table.write([put('w/4', 'a', 'one', { version: 1 })]);
    await given().table.write([put('w/4', 'a', 'two', { version: 2, expect: 1 })]);
    await assert.rejects(
      given().table.write([put('w/4', 'a', 'bad', { version: 2, expect: 1 })]),
      ConditionFailed,
    );
    await assert.rejects(
      given().table.write([{ kind: 'delete', pk: 'w/4', sk: 'a', expect: 1 }]),
      ConditionFailed,
    );
    assert.equal(text(await given().table.get({ pk: 'w/4', sk: 'a' })), 'two');
    await given().table.write([{ kind: 'delete', pk: 'w/4', sk: 'a', expect: 2 }]);
    assert.equal(await given().table.get({ pk: 'w/4', sk: 'a' }), undefined);
  });

  it('refuses a version where the item is absent', async () => {
    await assert.rejects(given().table.write([put('w/5', 'a', 'x', { expect: 1 })]), ConditionFailed);
    await assert.rejects(
      given().table.write([{ kind: 'check', pk: 'w/5', sk: 'a', expect: 1 }]),
      ConditionFailed,
    );
    await given().table.write([{ kind: 'check', pk: 'w/5', sk: 'a', expect: 'absent' }]);
  });

  it('deletes what is absent without complaint', async () => {
    await given().table.write([{ kind: 'delete', pk: 'w/6', sk: 'a' }]);
  });

  it('writes all of a hundred ops, or none, and says which failed', async () => {
    const ops = Array.from({ length: WRITE_OPS_MAX }, (_, i) =>
      put('w/7', String(i).padStart(3, '0'), 'x', { expect: 'absent' }),
    );
    await given().table.write(ops);
    const again = ops.map((op, i) => (i === 41 || i === 99 ? op : { ...op, pk: 'w/7b' }));
    await assert.rejects(
      given().table.write(again),
      (error) => error instanceof ConditionFailed && error.failed.includes(41) && !error.failed.includes(40),
    );
    assert.deepEqual(await given().table.query({ pk: 'w/7b' }), []);
    assert.equal((await given().table.query({ pk: 'w/7' })).length, WRITE_OPS_MAX);
  });

  it('says of every op that failed, whatever each expects, and leaves nothing of the others', async () => {
    await given().table.write([put('w/7c', 'there', 'x'), put('w/7c', 'other', 'x', { version: 3 })]);
    const ops = [
      put('w/7d', 'new', 'y', { expect: 'absent' }),
      put('w/7c', 'there', 'y', { expect: 'absent' }),
      put('w/7d', 'plain', 'y'),
      put('w/7c', 'other', 'y', { version: 3, expect: 2 }),
    ];
    await assert.rejects(
      given().table.write(ops),
      (error) => error instanceof ConditionFailed && error.failed.join() === '1,3',
    );
    await assert.rejects(
      given().table.write(ops.slice(0, 3)),
      (error) => error instanceof ConditionFailed && error.failed.join() === '1',
    );
    assert.deepEqual(await given().table.query({ pk: 'w/7d' }), []);
    assert.deepEqual((await given().table.query({ pk: 'w/7c' })).map(text), ['x', 'x']);
  });

  it('writes a put only if a check of another item holds', async () => {
    await given().table.write([put('w/8', 'head', 'h', { version: 3 })]);
    const guarded = (expect: number): WriteOp[] => [
      put('w/8', 'c', 'c', { expect: 'absent' }),
      { kind: 'check', pk: 'w/8', sk: 'head', expect },
    ];
    await assert.rejects(
      given().table.write(guarded(2)),
      (error) => error instanceof ConditionFailed && error.failed.join() === '1',
    );
    assert.equal(await given().table.get({ pk: 'w/8', sk: 'c' }), undefined);
    await given().table.write(guarded(3));
    assert.equal(text(await given().table.get({ pk: 'w/8', sk: 'c' })), 'c');
  });

  it('lets exactly one of many writers at once have an absent item', async () => {
    const results = await Promise.allSettled(
      Array.from({ length: 12 }, (_, i) =>
        given().table.write([put('w/9', 'a', String(i), { expect: 'absent' })]),
      ),
    );
    const won = results.flatMap((result, i) => (result.status === 'fulfilled' ? [i] : []));
    assert.equal(won.length, 1);
    for (const result of results) {
      if (result.status === 'rejected') assert.ok(result.reason instanceof ConditionFailed);
    }
    assert.equal(text(await given().table.get({ pk: 'w/9', sk: 'a' })), String(won[0]));
  });

  it('loses no update among writers that read, add one and write at the version they read', async () => {
    await given().table.write([put('w/10', 'n', '0', { version: 0 })]);
    const addOne = async (): Promise<void> => {
      for (;;) {
        const item = (await given().table.get({ pk: 'w/10', sk: 'n' }))!;
        const next = put('w/10', 'n', String(Number(text(item)) + 1), {
          version: item.version + 1,
          expect: item.version,
        });
        try {
          await given().table.write([next]);
          return;
        } catch (error) {
          if (!(error instanceof ConditionFailed)) throw error;
        }
      }
    };
    await Promise.all(Array.from({ length: 8 }, addOne));
    assert.equal(text(await given().table.get({ pk: 'w/10', sk: 'n' })), '8');
  });

  it('refuses what is beyond its limits, and stores nothing of it', async () => {
    const tooMany = Array.from({ length: WRITE_OPS_MAX + 1 }, (_, i) => put('w/11', String(i)));
    await assert.rejects(given().table.write(tooMany), ItemTooLarge);
    const big = put('w/11', 'big', '', { value: new Uint8Array(ITEM_BYTES_MAX + 1) });
    await assert.rejects(given().table.write([put('w/11', 'small'), big]), ItemTooLarge);
    const heavy = Array.from({ length: 11 }, (_, i) =>
      put('w/11', `h${i}`, '', { value: new Uint8Array(370_000) }),
    );
    await assert.rejects(given().table.write(heavy), ItemTooLarge);
    await assert.rejects(given().table.write([put('w/11', 'x'.repeat(2_000))]), ItemTooLarge);
    assert.deepEqual(await given().table.query({ pk: 'w/11' }), []);
  });

  it('takes an item and a write just within its limits', async () => {
    const value = new Uint8Array(370_000).fill(7);
    await given().table.write(Array.from({ length: 10 }, (_, i) => put('w/12', `h${i}`, '', { value })));
    const items = await given().table.query({ pk: 'w/12' });
    assert.deepEqual(
      items.map((item) => item.value.length),
      Array.from({ length: 10 }, () => 370_000),
    );
    assert.ok(items.every((item) => item.value.every((byte) => byte === 7)));
  });

  it('refuses an empty key and two ops on one key', async () => {
    const isInvalid = (error: unknown): boolean => error instanceof StorageError;
    await assert.rejects(given().table.write([put('', 'a')]), isInvalid);
    await assert.rejects(given().table.write([put('w/13', 'a'), put('w/13', 'a')]), isInvalid);
  });
}
