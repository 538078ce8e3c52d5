import assert from 'node:assert/strict';
import {
  normalizeHouseNumber,
  normalizeStreet,
  splitAddress,
} from '../../../domain/linkage/normalize/addresses.ts';
import { normalizeEmail, normalizePhoneDigits } from '../../../domain/linkage/normalize/contact.ts';
import { normalizeDate } from '../../../domain/linkage/normalize/dates.ts';
import { normalizeName } from '../../../domain/linkage/normalize/names.ts';
import { nicknameGroups } from '../../../domain/linkage/normalize/nicknames.ts';
import { soundex } from '../../../domain/linkage/normalize/soundex.ts';
import { fold } from '../../../domain/linkage/normalize/text.ts';

describe('normalizing for comparison', () => {
  it('reads names without titles, accents, case and punctuation', () => {
    assert.deepEqual(
      ['Dr. José', "O'Brien Jr.", ' MARY-ANN ', 'Weiß', 'Łukasz', 'unknown', 'xxxx', 'Иванов'].map(
        normalizeName,
      ),
      ['jose', 'obrien', 'maryann', 'weiss', 'lukasz', '', '', 'иванов'],
    );
  });

  it('sees through letters of another script in a Latin word, and leaves whole words of it', () => {
    assert.equal(fold('\u0410nn\u0430'), 'anna');
    assert.equal(fold('Анна'), 'анна');
  });

  it('knows which names are used for one another', () => {
    const groups = (name: string): ReadonlySet<number> => new Set(nicknameGroups(name));
    assert.ok([...groups('bob')].some((group) => groups('robert').has(group)));
    assert.ok(![...groups('bob')].some((group) => groups('richard').has(group)));
  });

  it('reads dates as people write them, and keeps wrong ones comparable', () => {
    assert.deepEqual(
      ['1980-02-29', '19800229', '29/02/1980', '2/29/1980', '29 Feb 1980', 'February 29, 1980'].map(
        normalizeDate,
      ),
      Array.from({ length: 6 }, () => 19800229),
    );
    assert.deepEqual(
      ['1956-04-31', '1832', '1900-01-01', '', 'soon', '0000-00-00'].map(normalizeDate),
      [19560431, 18320000, 0, 0, 0, 0],
    );
  });

  it('reads addresses of mail without tags, and phones of one line alike', () => {
    assert.deepEqual(normalizeEmail(' Jane.Doe+news@GMail.com '), { local: 'janedoe', domain: 'gmail.com' });
    assert.equal(normalizeEmail('noemail@example.com'), undefined);
    assert.equal(normalizeEmail('jane at example'), undefined);
    const phones = ['+41 79 123 45 67', '0791234567', '0041791234567', '(079) 123-45-67 x12'];
    assert.deepEqual(new Set(phones.map(normalizePhoneDigits)), new Set([791_234_567]));
    assert.deepEqual(['0000000000', '12', '123456789'].map(normalizePhoneDigits), [0, 0, 0]);
  });

  it('reads streets with their abbreviations written out, and takes lines apart', () => {
    assert.equal(normalizeStreet('Kent St.'), normalizeStreet('kent street'));
    assert.equal(normalizeHouseNumber('007 A'), '7a');
    assert.deepEqual(splitAddress('12a Kent Street, Towradgi'), { number: '12a', street: 'kent street' });
    assert.deepEqual(splitAddress('Bahnhofstrasse 5'), { number: '5', street: 'bahnhofstrasse' });
    assert.deepEqual(splitAddress('Flat 3, 9 High Rd'), { number: '9', street: 'high rd' });
  });

  it('codes sounds as the National Archives do', () => {
    assert.deepEqual(['robert', 'rupert', 'ashcraft', 'tymczak', 'pfister'].map(soundex), [
      'r163',
      'r163',
      'a261',
      't522',
      'p236',
    ]);
  });
});
