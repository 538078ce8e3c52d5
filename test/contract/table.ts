import type { StorageSet } from '../support/storage-sets.ts';
import { expiryCases } from './table/expiry.ts';
import type { TableUnderTest } from './table/items.ts';
import { meteringCases } from './table/metering.ts';
import { readingCases } from './table/reading.ts';
import { writingCases } from './table/writing.ts';

/** What every `Table` does, whatever it is made of. */
export function tableContract(set: StorageSet): void {
  describe(`table, ${set.name}`, () => {
    let given: TableUnderTest | undefined;
    const underTest = (): TableUnderTest => {
      if (given === undefined) throw new Error('the storage is not open');
      return given;
    };

    before(async function () {
      this.timeout(120_000);
      const clock = { now: Date.now() };
      const storage = await set.open({ now: () => clock.now });
      given = Object.assign(clock, { storage, table: storage.log });
    });
    after(async () => underTest().storage.close());

    describe('writing', () => {
      writingCases(underTest);
    });
    describe('reading', () => {
      readingCases(underTest, set);
    });
    describe('expiry', () => {
      expiryCases(underTest);
    });
    describe('metering', () => {
      meteringCases(underTest);
    });
  });
}
