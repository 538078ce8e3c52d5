import assert from 'node:assert/strict';
import fc from 'fast-check';
import { listElements, wholeElement } from '../../../client/gateway/collect/elements.ts';
import { checkStructure } from '../../../domain/ingestion/structure.ts';
import type { JsonValue } from '../../../domain/json.ts';
import { brokenAt } from '../../../client/gateway/collect/json-text.ts';

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

describe('reading JSON text', () => {
  it('agrees with JSON.parse on what is JSON, for texts with one character changed', () => {
    const changed = fc
      .tuple(fc.json(), fc.nat(), fc.constantFrom('', ',', '}', ']', '"', '\\', '0', ' ', '\n', '-'))
      .map(([text, at, put]) => {
        const place = at % (text.length + 1);
        return text.slice(0, place) + put + text.slice(place + 1);
      });
    fc.assert(
      fc.property(changed, (text) => {
        assert.equal(brokenAt(text) === undefined, parses(text));
      }),
      { numRuns: 2_000 },
    );
  });

  it('finds the elements of the named list, whatever is in and around them', () => {
    const neighbour = fc.dictionary(
      fc.string().filter((key) => key !== 'batch' && key !== '__proto__'),
      fc.jsonValue(),
    );
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), neighbour, fc.constantFrom(0, 1, 2), (batch, around, indent) => {
        const text = JSON.stringify({ ...around, batch, after: { batch: [1] } }, null, indent);
        const found = listElements(text, 'batch').map(({ start, end }) => text.slice(start, end));
        assert.deepEqual(
          found.map((part) => JSON.parse(part) as unknown),
          (JSON.parse(text) as { batch: unknown[] }).batch,
        );
      }),
    );
  });

  it('takes the last of two lists of the name, as JSON.parse does', () => {
    const text = '{"batch":[1,2],"batch":[3]}';
    assert.deepEqual(
      listElements(text, 'batch').map(({ start, end }) => text.slice(start, end)),
      ['3'],
    );
  });

  it('knows a list by its name however that is escaped', () => {
    const text = '{"batch":[1],"b\\u0061tch":[2, 3 ],"x":{"batch":[4]}}';
    assert.deepEqual(
      listElements(text, 'batch').map(({ start, end }) => text.slice(start, end)),
      ['2', '3'],
    );
  });

  it('calls plain only what can be accepted without another look at its structure', () => {
    fc.assert(
      fc.property(fc.array(fc.json({ maxDepth: 4 })), (parts) => {
        const text = `{"a\\n":0,"batch":[${parts.join(' , ')}]}`;
        const elements = listElements(text, 'batch');
        assert.equal(elements.length, parts.length);
        for (const { start, end, plain } of elements) {
          const part = text.slice(start, end);
          if (plain) assert.equal(checkStructure(JSON.parse(part) as JsonValue), undefined);
          else assert.match(part, /\\|__proto__|[eE]/);
        }
      }),
      { numRuns: 1_000 },
    );
    const nested = (levels: number): string => `${'['.repeat(levels)}0${']'.repeat(levels)}`;
    const keys = (count: number): string =>
      `{${Array.from({ length: count }, (_, at) => `"k${at}":1`).join()}}`;
    const plain = ['{"a":1.5,"b":true,"c":"e5"}', nested(32), keys(2_000)];
    const other = [
      '{"a":1e999}',
      `[${'9'.repeat(400)}]`,
      '{"__proto__":1}',
      '{"a":"\\ud800","b":"c"}',
      nested(33),
      keys(2_001),
    ];
    assert.deepEqual(
      [...plain, ...other].map((text) => wholeElement(text).plain),
      [...plain.map(() => true), ...other.map(() => false)],
    );
  });

  it('says line and column', () => {
    assert.deepEqual(brokenAt('{\n "a": }'), { offset: 8, line: 2, column: 7 });
  });
});
