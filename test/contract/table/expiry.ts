import assert from 'node:assert/strict';
import { ConditionFailed } from '../../../storage/errors.ts';
import { collect, put, sks, text, type TableUnderTest } from './items.ts';

/** How items of a table expire. */
export function expiryCases(given: () => TableUnderTest): void {
  it('reads an expired item as absent everywhere, and lets it be put anew', async () => {
    const soon = Math.floor(given().now / 1000) + 60;
    await given().table.write([
      put('x/1', 'a', 'old', { expiresAt: soon }),
      put('x/1', 'b'),
      put('x/1', 'c'),
    ]);
    assert.deepEqual(sks(await given().table.query({ pk: 'x/1' })), ['a', 'b', 'c']);
    given().now += 61_000;
    assert.equal(await given().table.get({ pk: 'x/1', sk: 'a' }), undefined);
    assert.deepEqual(await given().table.getMany([{ pk: 'x/1', sk: 'a' }]), [undefined]);
    assert.deepEqual(sks(await given().table.query({ pk: 'x/1', limit: 2 })), ['b', 'c']);
    assert.deepEqual(sks(await collect(given().table.scan('x/1'))).sort(), ['b', 'c']);
    await assert.rejects(given().table.write([put('x/1', 'a', 'new', { expect: 1 })]), ConditionFailed);
    await given().table.write([
      put('x/1', '0', 'new', { expect: 'absent' }),
      put('x/1', 'a', 'new', { version: 5, expect: 'absent' }),
      put('x/1', 'd', 'new', { expect: 'absent' }),
    ]);
    assert.deepEqual(sks(await given().table.query({ pk: 'x/1' })), ['0', 'a', 'b', 'c', 'd']);
    const item = await given().table.get({ pk: 'x/1', sk: 'a' });
    assert.equal(text(item), 'new');
    assert.equal(item!.expiresAt, undefined);
  });
}
