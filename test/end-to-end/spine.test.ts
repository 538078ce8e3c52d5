import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPlatform, type Platform, type PlatformOptions } from '../support/platform.ts';
import { badInputCases } from './cases/bad-input.ts';
import { collectionCases } from './cases/collection.ts';
import { decisionCases } from './cases/decisions.ts';
import { duplicateCases } from './cases/duplicates.ts';
import { identityCases } from './cases/identity.ts';
import { importCases } from './cases/import.ts';
import { restartCases } from './cases/restart.ts';
import { timeCases } from './cases/time.ts';
import { webhookCases } from './cases/webhooks.ts';
import { storageOptions, STORAGE_SETS } from './sets.ts';

for (const set of STORAGE_SETS)
  describe(`the spine on ${set} storage`, () => {
    let platform: Platform | undefined;
    let data: string;
    let options: PlatformOptions;
    const running = (): Platform => {
      if (platform === undefined) throw new Error('the platform is not running');
      return platform;
    };

    before(async () => {
      data = mkdtempSync(join(tmpdir(), 'tessera-e2e-'));
      options = { ...(await storageOptions(set)), data };
      platform = await startPlatform(options);
    });
    after(async () => {
      await platform?.stop();
      rmSync(data, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
    });

    describe('collection', () => {
      collectionCases(running);
    });
    describe('identity', () => {
      identityCases(running);
    });
    describe('decisions', () => {
      decisionCases(running);
    });
    describe('time', () => {
      timeCases(running);
    });
    describe('duplicates and quarantine', () => {
      duplicateCases(running);
    });
    describe('bad input', () => {
      badInputCases(running);
    });
    describe('files', () => {
      importCases(running);
    });
    describe('webhooks', () => {
      webhookCases(running);
    });
    describe('restarts', () => {
      restartCases(running, async (meanwhile) => {
        await running().stop({ keep: true });
        platform = undefined;
        meanwhile?.(data);
        platform = await startPlatform(options);
      });
    });
  });
