import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { fillRandom, randomBytes } from '../../storage/random.ts';

describe('random bytes', () => {
  it('are never handed out twice, whatever number is asked for', () => {
    const seen = new Set<string>();
    for (let call = 0; call < 3_000; call += 1) {
      const bytes = randomBytes(12 + (call % 29));
      assert.equal(bytes.length, 12 + (call % 29));
      seen.add(bytes.toString('hex').slice(0, 24));
    }
    assert.equal(seen.size, 3_000);
  });

  it('fill no more than what they were asked for', () => {
    const target = new Uint8Array(40);
    fillRandom(target, 10, 20);
    assert.ok(target.subarray(10, 30).some((byte) => byte !== 0));
    assert.ok([...target.subarray(0, 10), ...target.subarray(30)].every((byte) => byte === 0));
  });

  it('stay what they are when more are drawn', () => {
    const first = randomBytes(32);
    const copy = Buffer.from(first);
    for (let call = 0; call < 1_000; call += 1) randomBytes(32);
    assert.deepEqual(first, copy);
  });

  it('can be more than what is drawn at once', () => {
    const bytes = randomBytes(20_000);
    assert.ok(bytes.subarray(-100).some((byte) => byte !== 0));
  });
});
