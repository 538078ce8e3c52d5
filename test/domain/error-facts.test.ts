import assert from 'node:assert/strict';
import { describeError } from '../../../client/gateway/log.ts';

describe('the log', () => {
  it('keeps of an error its name, code and place, and nothing of its words', () => {
    const cause = Object.assign(new Error('of jane@example.com'), { code: 'ENOENT' });
    const shown = describeError(new TypeError('value jane@example.com\n    at jane@example.com', { cause }));
    assert.equal(shown['name'], 'TypeError');
    assert.equal((shown['cause'] as { code: string }).code, 'ENOENT');
    assert.doesNotMatch(JSON.stringify(shown), /jane/);
  });
});
