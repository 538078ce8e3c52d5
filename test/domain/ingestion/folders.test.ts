import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  emptyFolderProgress,
  isPartialName,
  namePattern,
  withFile,
  type FileOutcome,
} from '../../../domain/ingestion/folders.ts';
import { formatOfName, sameStamp } from '../../../domain/ingestion/imports.ts';

describe('a folder of files', () => {
  it('tells formats by endings, compressed or not', () => {
    assert.deepEqual(
      ['a.csv', 'a.CSV.GZ', 'a.jsonl', 'b.ndjson.gz', 'c.parquet', 'd.gz', 'e'].map(formatOfName),
      ['csv', 'csv', 'ndjson', 'ndjson', 'parquet', undefined, undefined],
    );
  });

  it('matches names by a pattern, and paths by one with a slash', () => {
    const cases = [
      ['*.csv', 'a.csv', true],
      ['*.csv', 'below/a.csv', true],
      ['*.csv', 'a.csv.gz', false],
      ['day-?.csv', 'day-1.csv', true],
      ['day-?.csv', 'day-10.csv', false],
      ['2026/*.csv', '2026/a.csv', true],
      ['2026/*.csv', '2026/01/a.csv', false],
      ['2026/**/*.csv', '2026/01/02/a.csv', true],
      ['a+(b).csv', 'a+(b).csv', true],
    ] as const;
    for (const [pattern, path, matches] of cases)
      assert.equal(namePattern(pattern)(path), matches, `${pattern} ${path}`);
  });

  it('reads any pattern without specials as the name that it is', () => {
    const name = fc.string({ minLength: 1 }).filter((text) => !/[*?/]/.test(text));
    fc.assert(fc.property(name, (text) => namePattern(text)(text)));
  });

  it('knows names of what is still being written', () => {
    assert.deepEqual(
      ['a.csv.part', 'a.tmp', 'a.csv~', 'a.crdownload', 'a.csv', 'tmp.csv'].map(isPartialName),
      [true, true, true, true, false, false],
    );
  });

  it('knows an object by its version alone, and a file by its time', () => {
    assert.ok(
      sameStamp({ bytes: 1, modifiedMs: 1_000, etag: 'a' }, { bytes: 1, modifiedMs: 1_234, etag: 'a' }),
    );
    assert.ok(
      !sameStamp({ bytes: 1, modifiedMs: 1_000, etag: 'a' }, { bytes: 1, modifiedMs: 1_000, etag: 'b' }),
    );
    assert.ok(!sameStamp({ bytes: 1, modifiedMs: 1_000 }, { bytes: 1, modifiedMs: 1_001 }));
  });

  it('counts each file once, and its rows', () => {
    const outcomes = fc.array(fc.constantFrom<FileOutcome>('imported', 'unchanged', 'unsettled', 'failed'));
    fc.assert(
      fc.property(outcomes, (all) => {
        const files = all.map((outcome, at) => ({ path: `${at}`, outcome, rows: at, stored: at }));
        const sum = files.reduce(withFile, emptyFolderProgress('f', 's'));
        assert.equal(
          Object.values(sum.outcomes).reduce((a, b) => a + b, 0),
          all.length,
        );
        assert.equal(
          sum.rows,
          files.reduce((rows, file) => rows + file.rows, 0),
        );
      }),
    );
  });
});
