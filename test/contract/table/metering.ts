import assert from 'node:assert/strict';
import { put, type TableUnderTest } from './items.ts';

/** What a table counts. */
export function meteringCases(given: () => TableUnderTest): void {
  it('counts requests, items and write units as DynamoDB bills them', async () => {
    const delta = async (action: () => Promise<unknown>): Promise<Record<string, number>> => {
      const before = given().storage.meter.read();
      await action();
      const entries = Object.entries(given().storage.meter.read()).map(
        ([k, v]) => [k, v - (before[k] ?? 0)] as const,
      );
      return Object.fromEntries(entries.filter(([, v]) => v !== 0));
    };
    const kb = (n: number): Uint8Array => new Uint8Array(n * 1024 - 100);
    const single = await delta(() =>
      given().table.write([put('u/1', 'a', '', { value: kb(3), expect: 'absent' })]),
    );
    assert.equal(single['log.write.units'], 3);
    assert.equal(single['log.write.requests'], 1);
    assert.equal(single['log.write.items'], 1);
    const double = await delta(() =>
      given().table.write([put('u/2', 'a', '', { value: kb(1) }), put('u/2', 'b')]),
    );
    assert.equal(double['log.write.units'], 4);
    assert.equal(double['log.write.items'], 2);
    const read = await delta(() => given().table.get({ pk: 'u/1', sk: 'a' }));
    assert.equal(read['log.read.units'], 1);
    assert.equal(read['log.read.requests'], 1);
    assert.equal(
      (await delta(() => given().storage.intake.get({ pk: 'u/1', sk: 'a' })))['log.read.units'],
      undefined,
    );
  });
}
