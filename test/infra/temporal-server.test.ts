import assert from 'node:assert/strict';
import { parseOptions } from '../../infra/local/options.ts';
import { lastWords } from '../../infra/local/supervise/last-words.ts';
import { serverArgs } from '../../infra/local/temporal/server.ts';

describe("the local stack's Temporal server", () => {
  it('writes its log as JSON lines, as the other processes do', () => {
    const args = serverArgs(parseOptions([], {}), 8_234);
    assert.equal(args[args.indexOf('--log-format') + 1], 'json');
  });

  it('has its errors told from its log', () => {
    const line = { level: 'ERROR', msg: 'unable to write task', error: 'the disk is full' };
    assert.equal(lastWords([JSON.stringify(line)]), 'unable to write task: the disk is full');
  });
});
