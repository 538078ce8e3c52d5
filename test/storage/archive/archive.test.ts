import assert from 'node:assert/strict';
import { parquetReadObjects } from 'hyparquet';
import { createArchive } from '../../../storage/archive/archive.ts';
import { typicalEvent } from '../log/events.ts';
import { storageSets } from '../../support/storage-sets.ts';

for (const set of storageSets) {
  describe(`archive on ${set.name}`, () => {
    it('tells what a correction took back from what holds', async () => {
      const storage = await set.open();
      try {
        const archive = createArchive({ storage, log: { subject: (f) => Promise.resolve(f) } });
        const [before, after] = [typicalEvent(1, 0), { ...typicalEvent(1, 0), event: 'Other' }];
        const revisedAt = '2026-11-20T00:00:00.000Z';
        await archive.append('01A', [{ fragment: 'f1', events: [before] }]);
        const [key] = await archive.append('01R', [
          { fragment: 'f1', events: [], superseded: [before], revisedAt },
          { fragment: 'f2', events: [after], revisedAt },
        ]);
        const bytes = await storage.blobs.get(key!);
        const rows = await parquetReadObjects({ file: Uint8Array.from(bytes!).buffer });
        assert.deepEqual(
          rows.map((row): unknown[] => [row['subject'], row['event'], row['superseded'], row['revised_at']]),
          [
            ['f1', 'Product Viewed', true, new Date(revisedAt)],
            ['f2', 'Other', false, new Date(revisedAt)],
          ],
        );
        assert.equal(rows[0]?.['item'], rows[1]?.['item']);
      } finally {
        await storage.close();
      }
    });

    it('keeps what can be counted and nothing that names a person', async () => {
      const storage = await set.open();
      try {
        const archive = createArchive({
          storage,
          log: { subject: (f) => Promise.resolve(`subject-of-${f}`) },
        });
        const secret = {
          ...typicalEvent(1, 3),
          event: 'mailto:ann@example.org',
          properties: {
            revenue: 12.5,
            first: true,
            note: 'ann@example.org',
            'ann@example.org': 1,
            '+491701234567': 2,
          },
          traits: { email: 'ann@example.org' },
        };
        const keys = await archive.append('01B', [
          { fragment: 'f1', events: [typicalEvent(1, 0), typicalEvent(1, 2)] },
          { fragment: 'f2', events: [secret] },
        ]);
        assert.deepEqual(keys, ['archive/2026-11-01/web/01B.parquet']);
        const bytes = await storage.blobs.get(keys[0]!);
        const file = Uint8Array.from(bytes!).buffer;
        const rows = await parquetReadObjects({ file });
        assert.deepEqual(
          rows.map((row): unknown[] => [row['subject'], row['type'], row['event'], row['source']]),
          [
            ['subject-of-f1', 'track', 'Product Viewed', 'web'],
            ['subject-of-f1', 'track', 'Order Completed', 'web'],
            ['subject-of-f2', 'track', 'other', 'web'],
          ],
        );
        assert.deepEqual(rows[2]?.['measures'], { revenue: 12.5, first: true });
        assert.deepEqual(rows[0]?.['timestamp'], new Date(typicalEvent(1, 0).timestamp));
        const text = Buffer.from(bytes!).toString('latin1');
        for (const value of [
          'ann@example',
          '491701',
          'user-1',
          typicalEvent(1, 0).messageId,
          '203.0.113.7',
        ]) {
          assert.ok(!text.includes(value), `${value} is in the archive`);
        }
      } finally {
        await storage.close();
      }
    });

    it('writes the same file again for the same id, and leaves out a fragment whose key is gone', async () => {
      const storage = await set.open();
      try {
        const gone = new Set(['f2']);
        const subject = (f: string) => Promise.resolve(gone.has(f) ? undefined : f);
        const archive = createArchive({ storage, log: { subject } });
        const inputs = [
          { fragment: 'f1', events: [typicalEvent(1, 0)] },
          { fragment: 'f2', events: [typicalEvent(2, 0)] },
        ];
        const keys = await archive.append('01C', inputs);
        assert.deepEqual(await archive.append('01C', inputs), keys);
        assert.deepEqual(await storage.blobs.list('archive/'), keys);
        const bytes = await storage.blobs.get(keys[0]!);
        const rows = await parquetReadObjects({ file: Uint8Array.from(bytes!).buffer });
        assert.deepEqual(
          rows.map((row): unknown => row['subject']),
          ['f1'],
        );
      } finally {
        await storage.close();
      }
    });
  });
}
