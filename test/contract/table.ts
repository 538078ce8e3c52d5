import assert from 'node:assert/strict';
import { ConditionFailed, ItemTooLarge, StorageError } from '../../storage/errors.ts';
import { ITEM_BYTES_MAX, WRITE_OPS_MAX } from '../../storage/ports.ts';
import type { Item, Storage, Table, WriteOp } from '../../storage/ports.ts';
import type { StorageSet } from '../support/storage-sets.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text);
const text = (item: Item | undefined): string | undefined =>
  item === undefined ? undefined : Buffer.from(item.value).toString();
const put = (pk: string, sk: string, value = sk, more: Partial<WriteOp & Item> = {}): WriteOp =>
  ({ kind: 'put', pk, sk, version: 1, value: bytes(value), ...more }) as WriteOp;
const sks = (items: readonly Item[]): string[] => items.map((item) => item.sk);

async function collect(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}

async function seed(table: Table, pk: string, names: readonly string[]): Promise<void> {
  for (let at = 0; at < names.length; at += WRITE_OPS_MAX) {
    await table.write(names.slice(at, at + WRITE_OPS_MAX).map((sk) => put(pk, sk)));
  }
}

/** What every `Table` does, whatever it is made of. */
export function tableContract(set: StorageSet): void {
  describe(`table, ${set.name}`, () => {
    let storage: Storage;
    let table: Table;
    let now = Date.now();

    before(async function () {
      this.timeout(120_000);
      storage = await set.open({ now: () => now });
      table = storage.log;
    });
    after(async () => storage.close());

    describe('writing', () => {
      it('stores an item with its version, its bytes and its expiry', async () => {
        const expiresAt = Math.floor(now / 1000) + 3600;
        await table.write([put('w/1', 'a', 'x', { version: 7, expiresAt })]);
        const item = await table.get({ pk: 'w/1', sk: 'a' });
        assert.ok(item);
        assert.deepEqual(
          { ...item, value: text(item) },
          { pk: 'w/1', sk: 'a', version: 7, value: 'x', expiresAt },
        );
      });

      it('stores an empty value and any byte', async () => {
        const all = Uint8Array.from({ length: 256 }, (_, i) => i);
        await table.write([put('w/2', 'all', '', { value: all }), put('w/2', 'empty', '')]);
        assert.deepEqual(Buffer.from((await table.get({ pk: 'w/2', sk: 'all' }))!.value), Buffer.from(all));
        assert.equal((await table.get({ pk: 'w/2', sk: 'empty' }))!.value.length, 0);
      });

      it('does nothing when no op is given', async () => {
        await table.write([]);
      });

      it('puts an item only where it is absent, if so told', async () => {
        const op = put('w/3', 'a', 'first', { expect: 'absent' });
        await table.write([op]);
        await assert.rejects(
          table.write([put('w/3', 'a', 'second', { expect: 'absent' })]),
          (error) => error instanceof ConditionFailed && error.failed.includes(0),
        );
        assert.equal(text(await table.get({ pk: 'w/3', sk: 'a' })), 'first');
      });

      it('puts and deletes an item only at the expected version', async () => {
        await table.write([put('w/4', 'a', 'one', { version: 1 })]);
        await table.write([put('w/4', 'a', 'two', { version: 2, expect: 1 })]);
        await assert.rejects(
          table.write([put('w/4', 'a', 'bad', { version: 2, expect: 1 })]),
          ConditionFailed,
        );
        await assert.rejects(
          table.write([{ kind: 'delete', pk: 'w/4', sk: 'a', expect: 1 }]),
          ConditionFailed,
        );
        assert.equal(text(await table.get({ pk: 'w/4', sk: 'a' })), 'two');
        await table.write([{ kind: 'delete', pk: 'w/4', sk: 'a', expect: 2 }]);
        assert.equal(await table.get({ pk: 'w/4', sk: 'a' }), undefined);
      });

      it('refuses a version where the item is absent', async () => {
        await assert.rejects(table.write([put('w/5', 'a', 'x', { expect: 1 })]), ConditionFailed);
        await assert.rejects(
          table.write([{ kind: 'check', pk: 'w/5', sk: 'a', expect: 1 }]),
          ConditionFailed,
        );
        await table.write([{ kind: 'check', pk: 'w/5', sk: 'a', expect: 'absent' }]);
      });

      it('deletes what is absent without complaint', async () => {
        await table.write([{ kind: 'delete', pk: 'w/6', sk: 'a' }]);
      });

      it('writes all of a hundred ops, or none, and says which failed', async () => {
        const ops = Array.from({ length: WRITE_OPS_MAX }, (_, i) =>
          put('w/7', String(i).padStart(3, '0'), 'x', { expect: 'absent' }),
        );
        await table.write(ops);
        const again = ops.map((op, i) => (i === 41 || i === 99 ? op : { ...op, pk: 'w/7b' }));
        await assert.rejects(
          table.write(again),
          (error) =>
            error instanceof ConditionFailed && error.failed.includes(41) && !error.failed.includes(40),
        );
        assert.deepEqual(await table.query({ pk: 'w/7b' }), []);
        assert.equal((await table.query({ pk: 'w/7' })).length, WRITE_OPS_MAX);
      });

      it('writes a put only if a check of another item holds', async () => {
        await table.write([put('w/8', 'head', 'h', { version: 3 })]);
        const guarded = (expect: number): WriteOp[] => [
          put('w/8', 'c', 'c', { expect: 'absent' }),
          { kind: 'check', pk: 'w/8', sk: 'head', expect },
        ];
        await assert.rejects(
          table.write(guarded(2)),
          (error) => error instanceof ConditionFailed && error.failed.join() === '1',
        );
        assert.equal(await table.get({ pk: 'w/8', sk: 'c' }), undefined);
        await table.write(guarded(3));
        assert.equal(text(await table.get({ pk: 'w/8', sk: 'c' })), 'c');
      });

      it('lets exactly one of many writers at once have an absent item', async () => {
        const results = await Promise.allSettled(
          Array.from({ length: 12 }, (_, i) =>
            table.write([put('w/9', 'a', String(i), { expect: 'absent' })]),
          ),
        );
        const won = results.flatMap((result, i) => (result.status === 'fulfilled' ? [i] : []));
        assert.equal(won.length, 1);
        for (const result of results) {
          if (result.status === 'rejected') assert.ok(result.reason instanceof ConditionFailed);
        }
        assert.equal(text(await table.get({ pk: 'w/9', sk: 'a' })), String(won[0]));
      });

      it('loses no update among writers that read, add one and write at the version they read', async () => {
        await table.write([put('w/10', 'n', '0', { version: 0 })]);
        const addOne = async (): Promise<void> => {
          for (;;) {
            const item = (await table.get({ pk: 'w/10', sk: 'n' }))!;
            const next = put('w/10', 'n', String(Number(text(item)) + 1), {
              version: item.version + 1,
              expect: item.version,
            });
            try {
              await table.write([next]);
              return;
            } catch (error) {
              if (!(error instanceof ConditionFailed)) throw error;
            }
          }
        };
        await Promise.all(Array.from({ length: 8 }, addOne));
        assert.equal(text(await table.get({ pk: 'w/10', sk: 'n' })), '8');
      });

      it('refuses what is beyond its limits, and stores nothing of it', async () => {
        const tooMany = Array.from({ length: WRITE_OPS_MAX + 1 }, (_, i) => put('w/11', String(i)));
        await assert.rejects(table.write(tooMany), ItemTooLarge);
        const big = put('w/11', 'big', '', { value: new Uint8Array(ITEM_BYTES_MAX + 1) });
        await assert.rejects(table.write([put('w/11', 'small'), big]), ItemTooLarge);
        const heavy = Array.from({ length: 11 }, (_, i) =>
          put('w/11', `h${i}`, '', { value: new Uint8Array(370_000) }),
        );
        await assert.rejects(table.write(heavy), ItemTooLarge);
        await assert.rejects(table.write([put('w/11', 'x'.repeat(2_000))]), ItemTooLarge);
        assert.deepEqual(await table.query({ pk: 'w/11' }), []);
      });

      it('takes an item and a write just within its limits', async () => {
        const value = new Uint8Array(370_000).fill(7);
        await table.write(Array.from({ length: 10 }, (_, i) => put('w/12', `h${i}`, '', { value })));
        const items = await table.query({ pk: 'w/12' });
        assert.deepEqual(
          items.map((item) => item.value.length),
          Array.from({ length: 10 }, () => 370_000),
        );
        assert.ok(items.every((item) => item.value.every((byte) => byte === 7)));
      });

      it('refuses an empty key and two ops on one key', async () => {
        const isInvalid = (error: unknown): boolean => error instanceof StorageError;
        await assert.rejects(table.write([put('', 'a')]), isInvalid);
        await assert.rejects(table.write([put('w/13', 'a'), put('w/13', 'a')]), isInvalid);
      });
    });

    describe('reading', () => {
      it('answers undefined for what is absent', async () => {
        assert.equal(await table.get({ pk: 'r/0', sk: 'a' }), undefined);
        assert.deepEqual(await table.query({ pk: 'r/0' }), []);
      });

      it('answers any number of keys in the order asked, twice where asked twice', async () => {
        const names = Array.from({ length: 230 }, (_, i) => `n${String(i).padStart(3, '0')}`);
        await seed(table, 'r/1', names);
        const asked = [...names].reverse().concat('none', 'n000');
        const items = await table.getMany(asked.map((sk) => ({ pk: 'r/1', sk })));
        assert.deepEqual(items.map(text), [...names].reverse().concat(undefined as never, 'n000'));
        assert.deepEqual(await table.getMany([]), []);
      });

      it('answers large items together', async () => {
        const value = new Uint8Array(200_000).fill(3);
        const keys = Array.from({ length: 90 }, (_, i) => ({ pk: 'r/2', sk: String(i).padStart(2, '0') }));
        for (let at = 0; at < keys.length; at += 15) {
          await table.write(keys.slice(at, at + 15).map((key) => put(key.pk, key.sk, '', { value })));
        }
        const items = await table.getMany(keys);
        assert.ok(items.every((item, i) => item?.sk === keys[i]!.sk && item.value.length === 200_000));
        assert.equal((await table.query({ pk: 'r/2' })).length, 90);
      }).timeout(60_000);

      it('keeps the order of the bytes of sk, and no other partition in it', async () => {
        const names = ['A', 'a', 'a!', 'a/b', 'aa', 'b', 'é', 'ﬀ', '😀', '10', '9', '\u0001x'];
        await seed(table, 'r/3', [...names].sort());
        await seed(table, 'r/3!', ['0']);
        await seed(table, 'r/33', ['0']);
        await seed(table, 'r/2\u0000', ['0']);
        await seed(table, 'r/3\u0000', ['0']);
        const ordered = [...names].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
        assert.deepEqual(sks(await table.query({ pk: 'r/3' })), ordered);
        assert.deepEqual(sks(await table.query({ pk: 'r/3', reverse: true })), [...ordered].reverse());
        assert.deepEqual(sks(await table.query({ pk: 'r/3\u0000' })), ['0']);
      });

      it('keeps to the bounds of a range in both directions', async () => {
        await seed(table, 'r/4', ['a', 'b', 'c', 'd', 'e']);
        const query = async (range: object): Promise<string> =>
          sks(await table.query({ pk: 'r/4', ...range })).join('');
        assert.equal(await query({ from: 'b', to: 'd' }), 'bc');
        assert.equal(await query({ from: 'b', to: 'd', reverse: true }), 'cb');
        assert.equal(await query({ from: 'bb' }), 'cde');
        assert.equal(await query({ to: 'c' }), 'ab');
        assert.equal(await query({ after: 'b' }), 'cde');
        assert.equal(await query({ after: 'b', to: 'd' }), 'c');
        assert.equal(await query({ after: 'a', from: 'c' }), 'cde');
        assert.equal(await query({ after: 'e' }), '');
        assert.equal(await query({ after: 'd', reverse: true }), 'cba');
        assert.equal(await query({ after: 'd', from: 'b', reverse: true }), 'cb');
        assert.equal(await query({ after: 'e', to: 'c', reverse: true }), 'ba');
        assert.equal(await query({ limit: 2 }), 'ab');
        assert.equal(await query({ limit: 2, reverse: true }), 'ed');
        assert.equal(await query({ from: 'd', to: 'b' }), '');
        assert.equal(await query({ from: 'b', to: 'b' }), '');
        assert.equal(await query({ from: 'c', after: 'b', to: 'c', reverse: true }), '');
      });

      it('pages through a partition by the last sk of the page before', async () => {
        const names = Array.from({ length: 25 }, (_, i) => `p${String(i).padStart(2, '0')}`);
        await seed(table, 'r/5', names);
        const read: string[] = [];
        for (;;) {
          const page = await table.query({
            pk: 'r/5',
            limit: 10,
            ...(read.length > 0 ? { after: read.at(-1)! } : {}),
          });
          if (page.length === 0) break;
          read.push(...sks(page));
        }
        assert.deepEqual(read, names);
      });

      it('answers a thousand items where no limit is given', async () => {
        await seed(
          table,
          'r/6',
          Array.from({ length: 1_005 }, (_, i) => String(i).padStart(4, '0')),
        );
        assert.equal((await table.query({ pk: 'r/6' })).length, 1_000);
        assert.equal((await table.query({ pk: 'r/6', limit: 2_000 })).length, 1_005);
      }).timeout(60_000);

      it('answers several ranges in their order', async () => {
        await seed(table, 'r/7', ['a', 'b']);
        await seed(table, 'r/8', ['c']);
        const answers = await table.queryMany([
          { pk: 'r/8' },
          { pk: 'r/none' },
          { pk: 'r/7', reverse: true },
          { pk: 'r/7', limit: 1 },
        ]);
        assert.deepEqual(answers.map(sks), [['c'], [], ['b', 'a'], ['a']]);
      });

      it('sees what was written before, at once', async () => {
        for (let i = 0; i < 20; i += 1) {
          await table.write([put('r/9', 'a', String(i))]);
          assert.equal(text(await table.get({ pk: 'r/9', sk: 'a' })), String(i));
        }
      });

      it('scans every item under a prefix, and no other', async () => {
        const partitions = ['s/', 's/a', 's/a/b', 's/ab', 's/é'];
        for (const pk of partitions) await seed(table, pk, ['1', '2']);
        for (const pk of ['s', 's0', 'r/s/']) await seed(table, pk, ['1']);
        const found = (await collect(table.scan('s/'))).map((item) => `${item.pk} ${item.sk}`);
        assert.deepEqual(found.sort(), partitions.flatMap((pk) => [`${pk} 1`, `${pk} 2`]).sort());
        assert.ok((await collect(table.scan(''))).length > 1_000, 'an empty prefix means all');
        assert.deepEqual(await collect(table.scan('none')), []);
      });

      it('goes on with a scan after any of its items, gone or not', async () => {
        const fresh = await set.open();
        try {
          for (const pk of ['t/a', 't/b', 't/c']) await seed(fresh.log, pk, ['1', '2']);
          const all = await collect(fresh.log.scan('t/'));
          assert.equal(all.length, 6);
          for (const [i, item] of all.entries())
            assert.deepEqual(await collect(fresh.log.scan('t/', item)), all.slice(i + 1));
          const [first] = all;
          await fresh.log.write([{ kind: 'delete', pk: first!.pk, sk: first!.sk }]);
          assert.deepEqual(await collect(fresh.log.scan('t/', first)), all.slice(1));
        } finally {
          await fresh.close();
        }
      });

      it('does not answer with bytes that a later read or write changes', async () => {
        await table.write([put('r/10', 'a', 'first'), put('r/10', 'b', 'other')]);
        const item = await table.get({ pk: 'r/10', sk: 'a' });
        const [queried] = await table.query({ pk: 'r/10' });
        await table.get({ pk: 'r/10', sk: 'b' });
        await table.write([put('r/10', 'a', 'later')]);
        assert.equal(text(item), 'first');
        assert.equal(text(queried), 'first');
      });
    });

    describe('expiry', () => {
      it('reads an expired item as absent everywhere, and lets it be put anew', async () => {
        const soon = Math.floor(now / 1000) + 60;
        await table.write([put('x/1', 'a', 'old', { expiresAt: soon }), put('x/1', 'b'), put('x/1', 'c')]);
        assert.deepEqual(sks(await table.query({ pk: 'x/1' })), ['a', 'b', 'c']);
        now += 61_000;
        assert.equal(await table.get({ pk: 'x/1', sk: 'a' }), undefined);
        assert.deepEqual(await table.getMany([{ pk: 'x/1', sk: 'a' }]), [undefined]);
        assert.deepEqual(sks(await table.query({ pk: 'x/1', limit: 2 })), ['b', 'c']);
        assert.deepEqual(sks(await collect(table.scan('x/1'))).sort(), ['b', 'c']);
        await assert.rejects(table.write([put('x/1', 'a', 'new', { expect: 1 })]), ConditionFailed);
        await table.write([put('x/1', 'a', 'new', { version: 5, expect: 'absent' })]);
        const item = await table.get({ pk: 'x/1', sk: 'a' });
        assert.equal(text(item), 'new');
        assert.equal(item!.expiresAt, undefined);
      });
    });

    describe('metering', () => {
      it('counts requests, items and write units as DynamoDB bills them', async () => {
        const delta = async (action: () => Promise<unknown>): Promise<Record<string, number>> => {
          const before = storage.meter.read();
          await action();
          const entries = Object.entries(storage.meter.read()).map(
            ([k, v]) => [k, v - (before[k] ?? 0)] as const,
          );
          return Object.fromEntries(entries.filter(([, v]) => v !== 0));
        };
        const kb = (n: number): Uint8Array => new Uint8Array(n * 1024 - 100);
        const single = await delta(() =>
          table.write([put('u/1', 'a', '', { value: kb(3), expect: 'absent' })]),
        );
        assert.equal(single['log.write.units'], 3);
        assert.equal(single['log.write.requests'], 1);
        assert.equal(single['log.write.items'], 1);
        const double = await delta(() =>
          table.write([put('u/2', 'a', '', { value: kb(1) }), put('u/2', 'b')]),
        );
        assert.equal(double['log.write.units'], 4);
        assert.equal(double['log.write.items'], 2);
        const read = await delta(() => table.get({ pk: 'u/1', sk: 'a' }));
        assert.equal(read['log.read.units'], 1);
        assert.equal(read['log.read.requests'], 1);
        assert.equal(
          (await delta(() => storage.intake.get({ pk: 'u/1', sk: 'a' })))['log.read.units'],
          undefined,
        );
      });
    });
  });
}
