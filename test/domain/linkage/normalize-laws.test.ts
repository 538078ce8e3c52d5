import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  normalizeHouseNumber,
  normalizePostcode,
  normalizeStreet,
  splitAddress,
} from '../../../domain/linkage/normalize/addresses.ts';
import { normalizeEmail, normalizePhoneDigits } from '../../../domain/linkage/normalize/contact.ts';
import { normalizeDate } from '../../../domain/linkage/normalize/dates.ts';
import { normalizeName } from '../../../domain/linkage/normalize/names.ts';

const NORMALIZERS: Readonly<Record<string, (text: string) => unknown>> = {
  normalizeName,
  normalizeStreet,
  normalizeHouseNumber,
  normalizePostcode,
  splitAddress,
  normalizeDate,
  normalizeEmail,
  normalizePhoneDigits,
};
const anything = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ unit: 'grapheme', maxLength: 30 }),
);
/** What people type: Latin letters with and without accents, figures, and what stands between words. */
const typed = fc.string({
  unit: fc.constantFrom(...Array.from('abcdefgimnorstuvxyzäéöüçñåABDEMORST0123456789   .,-/\'"')),
  maxLength: 24,
});

describe('the normal forms that records are compared by', () => {
  for (const [name, normalize] of Object.entries(NORMALIZERS)) {
    it(`${name} reads anything without complaint, and the same text as the same`, () => {
      fc.assert(
        fc.property(anything, (text) => {
          assert.deepEqual(normalize(text), normalize(text));
        }),
      );
    });

    it(`${name} does not depend on case, nor on how accents are composed`, () => {
      fc.assert(
        fc.property(typed, (text) => {
          const expected = normalize(text.normalize('NFC'));
          assert.deepEqual(normalize(text.normalize('NFD')), expected);
          assert.deepEqual(normalize(text.toUpperCase()), expected);
        }),
      );
    });
  }

  for (const normalize of [normalizeName, normalizeHouseNumber, normalizePostcode]) {
    it(`${normalize.name} of what it answers is the same`, () => {
      fc.assert(
        fc.property(typed, (text) => {
          const once = normalize(text);
          assert.equal(normalize(once), once);
        }),
      );
    });
  }

  it('reads a day alike in every way of writing it that says which part is which', () => {
    const day = fc.date({ min: new Date('1901-01-02'), max: new Date('2026-12-31'), noInvalidDate: true });
    fc.assert(
      fc.property(day, (date) => {
        const iso = date.toISOString().slice(0, 10);
        fc.pre(iso !== '1970-01-01');
        const [year = '', month = '', dayOfMonth = ''] = iso.split('-');
        const name = date.toLocaleString('en', { month: 'long', timeZone: 'UTC' });
        const expected = Number(year + month + dayOfMonth);
        for (const written of [
          ...[iso, iso.replaceAll('-', ''), `${iso}T12:00:00Z`, iso.replaceAll('-', '/')],
          ...[
            `${dayOfMonth}.${month}.${year}`,
            `${dayOfMonth} ${name} ${year}`,
            `${name} ${dayOfMonth}, ${year}`,
          ],
        ])
          assert.equal(normalizeDate(written), expected, written);
      }),
    );
  });
});
