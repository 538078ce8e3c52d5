import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { access, unlink, utimes, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, it } from 'mocha';
import { pumpThreadStart } from '../../activities/ingest/threads/start.ts';

const DAY_MS = 24 * 3_600_000;

describe('the code of threads', () => {
  it('is kept as long as versions use it, and not for ever', async () => {
    const start = await pumpThreadStart();
    const aged = (days: number) => ({ days, path: new URL(`./aged-${randomUUID()}.mjs`, start) });
    const [old, recent] = [aged(31), aged(29)];
    for (const { path, days } of [old, recent]) {
      await writeFile(path, '');
      const at = new Date(Date.now() - days * DAY_MS);
      await utimes(path, at, at);
    }
    try {
      assert.equal((await pumpThreadStart()).href, start.href);
      await access(fileURLToPath(start));
      await access(recent.path);
      await assert.rejects(access(old.path), { code: 'ENOENT' });
    } finally {
      for (const { path } of [old, recent]) await unlink(path).catch(() => undefined);
    }
  });
});
