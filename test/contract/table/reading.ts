import assert from 'node:assert/strict';
import type { StorageSet } from '../../support/storage-sets.ts';
import { collect, put, seed, sks, text, type TableUnderTest } from './items.ts';

/** How a table reads. */
export function readingCases(given: () => TableUnderTest, set: StorageSet): void {
  it('answers undefined for what is absent', async () => {
    assert.equal(await given().table.get({ pk: 'r/0', sk: 'a' }), undefined);
    assert.deepEqual(await given().table.query({ pk: 'r/0' }), []);
  });

  it('answers any number of keys in the order asked, twice where asked twice', async () => {
    const names = Array.from({ length: 230 }, (_, i) => `n${String(i).padStart(3, '0')}`);
    await seed(given().table, 'r/1', names);
    const asked = [...names].reverse().concat('none', 'n000');
    const items = await given().table.getMany(asked.map((sk) => ({ pk: 'r/1', sk })));
    assert.deepEqual(items.map(text), [...names].reverse().concat(undefined as never, 'n000'));
    assert.deepEqual(await given().table.getMany([]), []);
  });

  it('answers large items together', async () => {
    const value = new Uint8Array(200_000).fill(3);
    const keys = Array.from({ length: 90 }, (_, i) => ({ pk: 'r/2', sk: String(i).padStart(2, '0') }));
    for (let at = 0; at < keys.length; at += 15) {
      await given().table.write(keys.slice(at, at + 15).map((key) => put(key.pk, key.sk, '', { value })));
    }
    const items = await given().table.getMany(keys);
    assert.ok(items.every((item, i) => item?.sk === keys[i]!.sk && item.value.length === 200_000));
    assert.equal((await given().table.query({ pk: 'r/2' })).length, 90);
  }).timeout(60_000);

  it('keeps the order of the bytes of sk, and no other partition in it', async () => {
    const names = ['A', 'a', 'a!', 'a/b', 'aa', 'b', 'é', 'ﬀ', '😀', '10', '9', '\u0001x'];
    await seed(given().table, 'r/3', [...names].sort());
    await seed(given().table, 'r/3!', ['0']);
    await seed(given().table, 'r/33', ['0']);
    await seed(given().table, 'r/2\u0000', ['0']);
    await seed(given().table, 'r/3\u0000', ['0']);
    const ordered = [...names].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    assert.deepEqual(sks(await given().table.query({ pk: 'r/3' })), ordered);
    assert.deepEqual(sks(await given().table.query({ pk: 'r/3', reverse: true })), [...ordered].reverse());
    assert.deepEqual(sks(await given().table.query({ pk: 'r/3\u0000' })), ['0']);
  });

  it('keeps to the bounds of a range in both directions', async () => {
    await seed(given().table, 'r/4', ['a', 'b', 'c', 'd', 'e']);
    const query = async (range: object): Promise<string> =>
      sks(await given().table.query({ pk: 'r/4', ...range })).join('');
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
    await seed(given().table, 'r/5', names);
    const read: string[] = [];
    for (;;) {
      const page = await given().table.query({
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
      given().table,
      'r/6',
      Array.from({ length: 1_005 }, (_, i) => String(i).padStart(4, '0')),
    );
    assert.equal((await given().table.query({ pk: 'r/6' })).length, 1_000);
    assert.equal((await given().table.query({ pk: 'r/6', limit: 2_000 })).length, 1_005);
  }).timeout(60_000);

  it('answers several ranges in their order', async () => {
    await seed(given().table, 'r/7', ['a', 'b']);
    await seed(given().table, 'r/8', ['c']);
    const answers = await given().table.queryMany([
      { pk: 'r/8' },
      { pk: 'r/none' },
      { pk: 'r/7', reverse: true },
      { pk: 'r/7', limit: 1 },
    ]);
    assert.deepEqual(answers.map(sks), [['c'], [], ['b', 'a'], ['a']]);
  });

  it('sees what was written before, at once', async () => {
    for (let i = 0; i < 20; i += 1) {
      await given().table.write([put('r/9', 'a', String(i))]);
      assert.equal(text(await given().table.get({ pk: 'r/9', sk: 'a' })), String(i));
    }
  });

  it('scans every item under a prefix, and no other', async () => {
    const partitions = ['s/', 's/a', 's/a/b', 's/ab', 's/é'];
    for (const pk of partitions) await seed(given().table, pk, ['1', '2']);
    for (const pk of ['s', 's0', 'r/s/']) await seed(given().table, pk, ['1']);
    const found = (await collect(given().table.scan('s/'))).map((item) => `${item.pk} ${item.sk}`);
    assert.deepEqual(found.sort(), partitions.flatMap((pk) => [`${pk} 1`, `${pk} 2`]).sort());
    assert.ok((await collect(given().table.scan(''))).length > 1_000, 'an empty prefix means all');
    assert.deepEqual(await collect(given().table.scan('none')), []);
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
    await given().table.write([put('r/10', 'a', 'first'), put('r/10', 'b', 'other')]);
    const item = await given().table.get({ pk: 'r/10', sk: 'a' });
    const [queried] = await given().table.query({ pk: 'r/10' });
    await given().table.get({ pk: 'r/10', sk: 'b' });
    await given().table.write([put('r/10', 'a', 'later')]);
    assert.equal(text(item), 'first');
    assert.equal(text(queried), 'first');
  });
}
