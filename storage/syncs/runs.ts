import type { SyncManifest } from '../../domain/sync/types.ts';
import { ConditionFailed } from '../errors.ts';
import { decodeCursor, encodeCursor, pageLimit } from '../page.ts';
import type { Key, Table, WriteOp } from '../ports.ts';
import type { Sealed } from './sealed.ts';
import { cursorKey, schemaKey } from './state.ts';
import type { RunName, SyncRun, SyncStore } from './types.ts';

const STEP_DIGITS = 9;
const NOTHING = new Uint8Array();

const runKey = ({ source, runId }: RunName): Key => ({ pk: `sync-state/${source}`, sk: runId });
const manifestKey = ({ source, runId }: RunName): Key => ({ pk: `sync-runs/${source}`, sk: runId });
const batchesKey = ({ source, runId }: RunName): string => `sync-batches/${source}/${runId}`;

/** A batch of a step: the id is all there is to it, so that it is the key. */
function batchOp(run: SyncRun, batchId: string): WriteOp {
  const sk = `${String(run.step).padStart(STEP_DIGITS, '0')}/${batchId}`;
  return { kind: 'put', pk: batchesKey(run), sk, version: 1, value: NOTHING };
}

/** Runs of syncs, step by step, and their manifests. */
export function createSyncRuns(
  table: Table,
  sealed: Sealed,
): Pick<SyncStore, 'begin' | 'run' | 'record' | 'batches' | 'putManifest' | 'manifest' | 'manifests'> {
  return {
    async begin(run) {
      try {
        await table.write([await sealed.op(runKey(run), run, 0)]);
        return run;
      } catch (error) {
        if (!(error instanceof ConditionFailed)) throw error;
        return (await sealed.get<SyncRun>(runKey(run))).value ?? run;
      }
    },
    run: async (name) => (await sealed.get<SyncRun>(runKey(name))).value,
    async record({ run, after, batchIds = [], cursor, schema }) {
      // A run of n steps is at version n + 1.
      const ops = [await sealed.op(runKey(run), after, run.step + 1)];
      ops.push(...batchIds.map((batchId) => batchOp(run, batchId)));
      if (cursor !== undefined)
        ops.push(await sealed.op(cursorKey(run.source, cursor.stream), cursor.value, cursor.version));
      if (schema !== undefined)
        ops.push(await sealed.op(schemaKey(run.source, schema.object), schema.value, schema.version));
      await table.write(ops);
    },
    async batches(name) {
      const ids: string[] = [];
      let after: string | undefined;
      for (;;) {
        const page = await table.query({
          pk: batchesKey(name),
          ...(after === undefined ? {} : { after }),
        });
        ids.push(...page.map(({ sk }) => sk.slice(STEP_DIGITS + 1)));
        after = page.at(-1)?.sk;
        if (page.length < 1_000) return ids;
      }
    },
    async putManifest(manifest) {
      for (;;) {
        const { version } = await sealed.get(manifestKey(manifest));
        try {
          await table.write([await sealed.op(manifestKey(manifest), manifest, version)]);
          return;
        } catch (error) {
          if (!(error instanceof ConditionFailed)) throw error;
        }
      }
    },
    manifest: async (name) => (await sealed.get<SyncManifest>(manifestKey(name))).value,
    async manifests(source, options = {}) {
      const limit = pageLimit(options.limit);
      const after = options.cursor === undefined ? undefined : decodeCursor(options.cursor, 1)[0];
      const items = await table.query({
        pk: `sync-runs/${source}`,
        ...{ limit, reverse: true },
        ...(after === undefined ? {} : { after }),
      });
      const last = items.at(-1);
      return {
        items: await Promise.all(items.map((item) => sealed.read<SyncManifest>(item))),
        cursor: last === undefined || items.length < limit ? null : encodeCursor([last.sk]),
      };
    },
  };
}
