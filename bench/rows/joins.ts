import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createResolutionActivities } from '../../activities/resolution/index.ts';
import type { Evidence, GraphNode } from '../../domain/identity/evidence.ts';
import { openStorage, storageConfigFromEnv } from '../../storage/open.ts';
import { openTenant, type OpenTenant } from '../../storage/tenant.ts';
import { realServer } from '../../test/support/temporal.ts';
import { withResolutions } from '../../test/workflows/resolutions.ts';
import { RESOLUTION_WORKFLOW } from '../../workflows/contract/resolution.ts';
import { resolutionOptions } from '../../workflows/contract/start.ts';
import type { Bench } from '../types.ts';

const JOINS = 10_000;
/** Joins that are stored, decided and committed as one step. */
const PART = 250;

const parted = <T>(items: readonly T[]): T[][] =>
  Array.from({ length: Math.ceil(items.length / PART) }, (_, n) => items.slice(n * PART, (n + 1) * PART));

/** Two profiles that exist for each join, and the evidence that makes one of them. */
async function pairs(store: OpenTenant, count: number, run: number): Promise<Evidence[]> {
  const node = (type: string, n: number): GraphNode => ({
    fragment: store.log.address({ type, value: `${String(run)}-${String(n)}` }),
    type,
  });
  const evidence = Array.from({ length: count }, (_, n): Evidence => {
    const [x, y] = [node('crmId', n), node('loyaltyId', n)];
    const [a, b] = x.fragment < y.fragment ? [x, y] : [y, x];
    const scored = { rule: 'probabilistic', score: 0.99, model: 'm1', source: 'linkage' } as const;
    return { a, b, ...scored, firstSeen: new Date().toISOString(), messageId: `run-${String(run)}` };
  });
  for (const part of parted(evidence))
    await store.directory.resolve(
      { nodes: part.flatMap(({ a, b }) => [a, b]), evidence: [] },
      `setup-${String(run)}`,
    );
  return evidence;
}

/** Joins of profiles that exist, by the saga. */
export const joins: Bench = {
  name: 'joins',
  about: 'joins of existing profiles a second, in batches through the resolution workflow, embedded storage',
  async run({ quick, runs, note }) {
    const count = quick ? JOINS / 5 : JOINS;
    const data = mkdtempSync(join(tmpdir(), 'tessera-joins-'));
    const environment = await realServer();
    const store = await openTenant({
      tenant: 'bench',
      storage: await openStorage(storageConfigFromEnv({ TESSERA_DATA: data })),
    });
    try {
      const rates: number[] = [];
      await withResolutions(environment, createResolutionActivities({ store, followers: [] }), async () => {
        for (let run = 0; run < runs; run += 1) {
          const evidence = await pairs(store, count, run);
          const id = store.resolutions.newId();
          const parts = parted(evidence);
          const because = { reason: 'bench', actor: 'bench', requestedAt: new Date().toISOString() };
          const began = performance.now();
          await store.resolutions.put(
            { id, task: { kind: 'joins', parts: parts.length }, ...because },
            parts,
          );
          await environment.client.workflow.execute(RESOLUTION_WORKFLOW, resolutionOptions('bench', id));
          const seconds = (performance.now() - began) / 1_000;
          const outcome = (await store.resolutions.get(id))?.outcome;
          if (outcome?.mergedAway !== count)
            throw new Error(`joined ${String(outcome?.mergedAway)} of ${String(count)}`);
          rates.push(count / seconds);
          note(`${String(Math.round(count / seconds))} joins/s`);
        }
      });
      return [{ name: 'joined', unit: 'joins/s', values: rates, target: { atLeast: 500 } }];
    } finally {
      await store.close();
      await environment.teardown();
      rmSync(data, { recursive: true, force: true });
    }
  },
};
