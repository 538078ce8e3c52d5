import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { isDeeperThan } from '../../../domain/ingestion/depth.ts';
import type { JsonValue } from '../../../domain/json.ts';

describe('depth', () => {
  it('counts levels below the value, in objects and lists, however many', () => {
    for (const [text, levels] of [
      ['7', 0],
      ['{}', 0],
      ['[1,{"a":null}]', 1],
      ['{"a":1,"b":{"c":[2]}}', 2],
      [`${'['.repeat(200_001)}${']'.repeat(200_001)}`, 200_000],
    ] as const) {
      const value = JSON.parse(text) as JsonValue;
      assert.equal(isDeeperThan(value, levels), false);
      assert.equal(isDeeperThan(value, levels - 1), text !== '7');
    }
  });
});
