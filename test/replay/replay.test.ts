import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from '@temporalio/worker';
import { describe, it } from 'mocha';
import { workflowBundle } from '../../workers/bundle.ts';
import * as contract from '../../workflows/contract/ingestion.ts';
import { LINK_RECORDS_WORKFLOW } from '../../workflows/contract/link-records.ts';
import { FOLLOW_UPS_WORKFLOW } from '../../workflows/contract/follow-ups.ts';
import { REPLAY_MAPPING_WORKFLOW } from '../../workflows/contract/replay-mapping.ts';
import { REPLAY_RULES_WORKFLOW } from '../../workflows/contract/replay-rules.ts';
import { IMPORT_FILE_WORKFLOW } from '../../workflows/contract/import-file.ts';
import { RESOLUTION_WORKFLOW } from '../../workflows/contract/resolution.ts';
import { REHEARSE_MAPPING_WORKFLOW } from '../../workflows/contract/rehearse-mapping.ts';
import { RELEASE_QUARANTINE_WORKFLOW } from '../../workflows/contract/release-quarantine.ts';

const folder = new URL('./histories/', import.meta.url);

async function* histories(names: readonly string[]) {
  for (const name of names) {
    const history: unknown = JSON.parse(await readFile(fileURLToPath(new URL(name, folder)), 'utf8'));
    yield { workflowId: basename(name, '.json'), history };
  }
}

describe('replay', function () {
  this.timeout(120_000);

  it('runs the workflows of today through histories that were recorded before, and agrees with each', async () => {
    const names = (await readdir(fileURLToPath(folder))).filter((name) => name.endsWith('.json')).sort();
    for (const workflow of [
      contract.INGESTION_WORKFLOW,
      IMPORT_FILE_WORKFLOW,
      RELEASE_QUARANTINE_WORKFLOW,
      RESOLUTION_WORKFLOW,
      LINK_RECORDS_WORKFLOW,
      REHEARSE_MAPPING_WORKFLOW,
      FOLLOW_UPS_WORKFLOW,
      REPLAY_RULES_WORKFLOW,
      REPLAY_MAPPING_WORKFLOW,
    ])
      assert.ok(
        names.some((name) => name.startsWith(`${workflow}-`)),
        `no history of ${workflow}: replaying none would prove nothing`,
      );
    const replayed: string[] = [];
    const results = Worker.runReplayHistories(
      { workflowBundle: await workflowBundle(), replayName: 'test' },
      histories(names),
    );
    for await (const { workflowId, error } of results) {
      assert.equal(error, undefined, `${workflowId}: ${String(error)}`);
      replayed.push(`${workflowId}.json`);
    }
    assert.deepEqual(replayed.sort(), names);
  });
});
