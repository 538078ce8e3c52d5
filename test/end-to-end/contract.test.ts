import assert from 'node:assert/strict';
import { isAlive, startPlatform, type Platform } from '../support/platform.ts';
import { commandLineCases } from './contract/command-line.ts';
import { readingCases } from './contract/reading.ts';
import { PRESETS, startCases } from './contract/start.ts';

describe('what people and programs touch', () => {
  let platform: Platform;
  let isStopped = false;
  before(async () => {
    platform = await startPlatform({ byNpm: true, env: PRESETS });
  });
  after(async () => {
    if (!isStopped) await platform.stop();
  });

  describe('start', () => {
    startCases(() => platform);
  });
  describe('collection and reading', () => {
    readingCases(() => platform);
  });
  describe('command line', () => {
    commandLineCases(() => platform);
  });

  describe('stop', () => {
    it('ends all that it started when npm is told to stop', async () => {
      const pids = Object.values(platform.pids());
      isStopped = true;
      assert.equal(await platform.stop(), 0);
      assert.deepEqual(
        pids.filter((pid) => isAlive(pid)),
        [],
      );
    });
  });
});
