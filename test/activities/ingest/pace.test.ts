import assert from 'node:assert/strict';
import { pauseAfter } from '../../../activities/ingest/pace.ts';

describe('the pace of units', () => {
  it('waits for nothing after a full unit', () => {
    assert.equal(pauseAfter(2_000, 0), 0);
    assert.equal(pauseAfter(250, 5), 0);
  });

  it('lets a tenth of a second pass between the starts of small units', () => {
    assert.equal(pauseAfter(1, 0), 100);
    assert.equal(pauseAfter(249, 30), 70);
  });

  it('waits no longer after a small unit that took its time', () => {
    assert.equal(pauseAfter(1, 100), 0);
    assert.equal(pauseAfter(1, 5_000), 0);
  });
});
