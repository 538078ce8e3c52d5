import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  advance,
  isInOrder,
  readFrom,
  type ReadRecord,
  type SyncCursor,
} from '../../../domain/sync/cursor.ts';
import { schemaChanges } from '../../../domain/sync/drift.ts';
import { isCallable } from '../../../domain/sync/vendors.ts';

const overlapMs = 300_000;
const now = '2026-03-02T00:00:00.000Z';
const minute = (n: number): string =>
  new Date(Date.parse('2026-03-01T00:00:00.000Z') + n * 60_000).toISOString();
const records = fc.array(
  fc.record({ id: fc.constantFrom('a', 'b', 'c'), modified: fc.integer({ min: 0, max: 3_000 }).map(minute) }),
);

describe('the cursor of a sync', () => {
  it('never goes back, nor beyond the present, whatever is read', () => {
    fc.assert(
      fc.property(fc.array(records), (pages) => {
        let cursor: SyncCursor | undefined;
        for (const page of pages) {
          const next = advance(cursor, page, { overlapMs, now });
          assert.ok((next?.modified ?? '') >= (cursor?.modified ?? ''));
          assert.ok((next?.modified ?? '') <= now);
          cursor = next;
        }
      }),
    );
  });

  it('remembers what the next run reads again within the overlap', () => {
    fc.assert(
      fc.property(records, (page: ReadRecord[]) => {
        const cursor = advance(undefined, page, { overlapMs, now });
        const from = readFrom(cursor, overlapMs, undefined) ?? '';
        for (const { id, modified } of page)
          if (modified >= from) assert.ok(cursor?.recent.includes(`${modified} ${id}`));
      }),
    );
  });

  it('is read from earlier for a run that was due earlier, or after one that was out of order', () => {
    const cursor = { modified: minute(60), recent: [] };
    assert.equal(readFrom(undefined, overlapMs, minute(1)), null);
    assert.equal(readFrom(cursor, overlapMs, minute(100)), minute(55));
    assert.equal(readFrom(cursor, overlapMs, minute(10)), minute(10));
    assert.equal(readFrom({ ...cursor, redoFrom: minute(5) }, overlapMs, undefined), minute(5));
    assert.equal(readFrom({ ...cursor, redoFrom: null }, overlapMs, minute(100)), null);
  });

  it('knows records that come out of order', () => {
    const at = (n: number): ReadRecord => ({ id: 'a', modified: minute(n) });
    assert.ok(isInOrder(null, [at(1), at(1), at(2)]));
    assert.ok(!isInOrder(null, [at(2), at(1)]));
    assert.ok(!isInOrder(minute(3), [at(2)]));
  });
});

describe('the fields of an object', () => {
  it('have not changed where they were never seen, and have where they differ', () => {
    assert.deepEqual(schemaChanges('Contact', undefined, { a: 'string' }, now), []);
    assert.deepEqual(
      schemaChanges('Contact', { a: 'string', b: 'int' }, { b: 'double', __c: 'date' }, now).map(
        ({ field, change }) => `${field} ${change}`,
      ),
      ['__c new', 'a vanished', 'b type'],
    );
  });
});

describe('an address of a vendor', () => {
  it('is https, or on this very machine', () => {
    for (const good of [
      'https://acme.my.salesforce.com',
      'http://127.0.0.1:8123',
      'http://localhost/x',
      'http://[::1]:1',
    ])
      assert.ok(isCallable(good), good);
    for (const wrong of [
      ...[
        'http://acme.example',
        'http://127.0.0.1.evil.example',
        'ftp://localhost',
        'file:///etc/passwd',
        '',
      ],
      ...[
        'https://u:p@acme.example',
        'https://acme.example/?q',
        'https://acme.example/#f',
        'http://localhost.evil',
      ],
    ])
      assert.ok(!isCallable(wrong), wrong);
  });
});
