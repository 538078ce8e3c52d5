import assert from 'node:assert/strict';
import { describeError } from '../../domain/error-facts.ts';

describe('what is logged of an error', () => {
  it('is its name, code and place, and nothing of its words', () => {
    const cause = Object.assign(new Error('of jane@example.com'), { code: 'ENOENT' });
    const shown = describeError(new TypeError('value jane@example.com\n    at jane@example.com', { cause }));
    assert.equal(shown['name'], 'TypeError');
    assert.equal((shown['cause'] as { code: string }).code, 'ENOENT');
    assert.match(String((shown['at'] as string[])[0]), /^at /);
    assert.doesNotMatch(JSON.stringify(shown), /jane/);
  });
});
