import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parse } from 'csv-parse/sync';
import { readCsvRows, readHeader } from '../../../activities/import/csv.ts';
import { oneByOne } from '../../../activities/import/read-rows.ts';
import type { FileRow } from '../../../activities/import/types.ts';

type Encoding = 'utf8' | 'latin1';

/** Content in pieces of so many bytes. */
function contentOf(text: string, pieceBytes: number, encoding: Encoding) {
  const bytes = Buffer.from(text, encoding);
  return async function* (from: number): AsyncGenerator<Buffer> {
    for (let at = from; at < bytes.length; at += pieceBytes)
      yield await Promise.resolve(bytes.subarray(at, at + pieceBytes));
  };
}

async function rowsOf(
  text: string,
  options: {
    readonly pieceBytes?: number;
    readonly encoding?: Encoding;
    readonly from?: FileRow;
  } = {},
): Promise<FileRow[]> {
  const { pieceBytes = 64, encoding = 'utf8', from } = options;
  const content = contentOf(text, pieceBytes, encoding);
  const plan = { delimiter: ',', encoding };
  const start = from ?? { endByte: (await readHeader(content, plan)).endByte, row: 0 };
  const rows: FileRow[] = [];
  for await (const row of oneByOne(readCsvRows(content, plan, { byte: start.endByte, row: start.row })))
    rows.push(row);
  return rows;
}

const bodies = async (text: string): Promise<unknown[]> =>
  (await rowsOf(text)).map(({ body }) => JSON.parse(body) as unknown);

describe('CSV', () => {
  for (const [what, row, value] of [
    ['behind a closing quote', '"Acme" Ltd', '"Acme" Ltd'],
    ['behind a closing quote, in parentheses', '"x" (y) ', '"x" (y)'],
    ['between quotes within quotes', '"The "Best" Shop"', '"The "Best" Shop"'],
    ['with the delimiter, within quotes', '"Acme, Inc" Ltd', '"Acme, Inc" Ltd'],
    ['with a newline, within quotes', '"Acme\nInc" Ltd', '"Acme\nInc" Ltd'],
  ] as const)
    it(`reads text as it is written where it stands ${what}, and the rows after it`, async () => {
      const rows = await bodies(`a,b,c\n1,"x",y\n2,${row}, z\n3," x" , y \n`);
      assert.deepEqual(rows, [
        { a: '1', b: 'x', c: 'y' },
        { a: '2', b: value, c: 'z' },
        { a: '3', b: ' x', c: 'y' },
      ]);
    });

  it('reads spaces around quotes as nothing, in a row with text behind a quote as well', async () => {
    assert.deepEqual(await bodies('a,b,c\n1, "x,y" ,z\n "1" , "x,y" ,"z" 1\n'), [
      { a: '1', b: 'x,y', c: 'z' },
      { a: '1', b: 'x,y', c: '"z" 1' },
    ]);
  });

  it('takes text behind a quote in the header and in the last row, which has no end', async () => {
    assert.deepEqual(await bodies('\uFEFF"a" 1,b\n1,"x" y'), [{ '"a" 1': '1', b: '"x" y' }]);
  });

  it('rejects a row alone where text behind a quote makes another number of values', async () => {
    const rows = await rowsOf('a,b\n1,"The "Best, Inc" Shop"\n2,x\n');
    assert.deepEqual(
      rows.map(({ reject }) => reject?.code),
      ['column-count', undefined],
    );
  });

  it('says that a quote is never closed, whatever stands before', async () => {
    await assert.rejects(rowsOf('a,b\n1,"x" y\n2,"x\n3,y\n'), /opened and never closed/u);
  });

  const value = fc.constantFrom('x', ' x ', '', '"x"', ' "x,y" ', '"x\r\n"', '"x""y"', '" x "', '\u00a0é ');
  const loose = fc.oneof(value, fc.constantFrom('"x" y', '"x"y"z"', '"" x', '"x" \u00a0"y" '));
  const textOf = (cells: readonly (readonly string[])[], end: string): string =>
    `a,b,c${end}${cells.map((row) => row.join(',')).join(end)}${end}`;
  const table = (cell: fc.Arbitrary<string>) =>
    fc.array(fc.array(cell, { minLength: 3, maxLength: 3 }), { maxLength: 12 });
  const lineEnd = fc.constantFrom('\n', '\r\n', '\r');
  const encodings = fc.constantFrom<Encoding>('utf8', 'latin1');

  it('reads what is well formed as the parser does by itself', async () => {
    await fc.assert(
      fc.asyncProperty(table(value), lineEnd, encodings, async (cells, end, encoding) => {
        const text = textOf(cells, end);
        const records = parse(Buffer.from(text, encoding), {
          record_delimiter: ['\r\n', '\n', '\r'],
          trim: true,
          skip_empty_lines: true,
          encoding,
        });
        const rows = await rowsOf(text, { encoding });
        assert.deepEqual(
          rows.map(({ body }) => Object.values(JSON.parse(body) as Record<string, string>)),
          records.slice(1),
        );
      }),
    );
  });

  it('reads the same rows whatever the pieces, and from the end of any of them on', async () => {
    await fc.assert(
      fc.asyncProperty(
        table(loose),
        lineEnd,
        encodings,
        fc.integer({ min: 1, max: 40 }),
        fc.nat(),
        async (cells, end, encoding, pieceBytes, at) => {
          const text = textOf(cells, end);
          const rows = await rowsOf(text, { pieceBytes: 10_000, encoding });
          assert.deepEqual(await rowsOf(text, { pieceBytes, encoding }), rows);
          const from = rows[at % Math.max(1, rows.length)];
          if (from === undefined) return;
          assert.deepEqual(await rowsOf(text, { pieceBytes, encoding, from }), rows.slice(from.row));
        },
      ),
    );
  });
});
