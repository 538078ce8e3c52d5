import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { createImportActivities } from '../../activities/import/index.ts';
import type { ImportDeps } from '../../activities/import/types.ts';
import { createIngestActivities } from '../../activities/ingest/index.ts';
import { createEngineActivities, createLinkActivities } from '../../activities/link-records/index.ts';
import type { LinkDeps } from '../../activities/link-records/types.ts';
import type { IngestDeps } from '../../activities/ingest/types.ts';
import { createQuarantineActivities, type QuarantineDeps } from '../../activities/quarantine/index.ts';
import { createReplayActivities, type ReplayDeps } from '../../activities/replay/index.ts';
import { workflowBundle } from '../../workers/bundle.ts';
import { joinActivities } from '../../workers/worker.ts';

/** Code and its inline source map; the SDK's own part is nearly all of it. */
const BUNDLE_CHARS_MAX = 2_500_000;

describe('the workflow bundle', function () {
  this.timeout(120_000);

  it('holds our workflows and no zod, whose schemas would weigh on every cached workflow', async () => {
    const bundle = await workflowBundle();
    assert.ok('code' in bundle);
    assert.ok(bundle.code.includes('./workflows/ingestion.ts'));
    assert.ok(bundle.code.includes('./workflows/import-file.ts'));
    assert.ok(!bundle.code.includes('node_modules/zod'));
    assert.ok(!bundle.code.includes('./storage/'));
  });

  it('stays small', async () => {
    const bundle = await workflowBundle();
    assert.ok('code' in bundle);
    assert.ok(bundle.code.length < BUNDLE_CHARS_MAX, `${bundle.code.length} characters`);
  });
});

describe('activities', () => {
  it('have names of their own across capabilities', () => {
    // The factories only close over what they are given; nothing of it is called here.
    const ingest = createIngestActivities({} as IngestDeps);
    const imports = createImportActivities({} as ImportDeps);
    const releases = createQuarantineActivities({} as QuarantineDeps);
    const links = createLinkActivities({} as LinkDeps);
    const engine = createEngineActivities({} as LinkDeps);
    const replays = createReplayActivities({} as ReplayDeps);
    const names = Object.keys(joinActivities(ingest, imports, releases, replays, links, engine));
    assert.deepEqual(names.sort(), [
      'computeLinks',
      'drainSlice',
      'finishImport',
      'finishLinkRun',
      'holdLane',
      'indexRecords',
      'linkSlice',
      'pendingBounds',
      'pendingLanes',
      'planLinkRun',
      'prepareImport',
      'pump',
      'readRecords',
      'readSlice',
      'rehearseSlice',
      'releaseOutcome',
      'releaseStep',
      'reviewSlice',
      'untilDrained',
    ]);
    assert.throws(() => joinActivities(ingest, { pump: () => undefined }), /two activities are called pump/u);
  });
});
