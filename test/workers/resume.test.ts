import assert from 'node:assert/strict';
import { createResolutionStore } from '../../storage/resolutions/resolutions.ts';
import type { ResolutionStore } from '../../storage/resolutions/types.ts';
import { resumeResolutions } from '../../workers/resume.ts';
import { memoryTable } from '../storage/identity/memory.ts';
import type { MemoryTable } from '../storage/identity/memory.ts';

const log = { info: (): void => undefined };
const KEY = { bytes: new Uint8Array(32).fill(3), tag: new Uint8Array(4).fill(2) };
/** More than are read at a time. */
const MANY = 1_200;

function storeOn(table: MemoryTable): ResolutionStore {
  const vault = { tenantSealKey: () => Promise.resolve(KEY) };
  return createResolutionStore({ tenant: 'test', storage: { log: table }, vault });
}

async function ask(store: ResolutionStore): Promise<string> {
  const id = store.newId();
  const task = { kind: 'joins', parts: 0 } as const;
  await store.put({ id, task, reason: 'r', actor: 'a', requestedAt: new Date().toISOString() });
  return id;
}

async function end(store: ResolutionStore, id: string): Promise<void> {
  const endedAt = new Date().toISOString();
  await store.end(id, { status: 'done', endedAt, profiles: [], minted: 0, mergedAway: 0 });
}

describe('decisions that were kept and never carried out', () => {
  it('are started oldest first, those that ended left alone and not even read', async () => {
    const table = memoryTable();
    const store = storeOn(table);
    const ids: string[] = [];
    for (let n = 0; n < MANY; n++) ids.push(await ask(store));
    const open = ids.filter((_, n) => n % 400 === 0);
    for (const id of ids) if (!open.includes(id)) await end(store, id);
    const started: string[] = [];
    const start = (id: string): Promise<void> => {
      started.push(id);
      return Promise.resolve();
    };
    const calls = table.calls;
    assert.equal(await resumeResolutions({ resolutions: store, start, log }), open.length);
    assert.deepEqual(started, open);
    assert.equal(table.calls - calls, 1);
  });

  it('are all found, however many there are', async () => {
    const store = storeOn(memoryTable());
    for (let n = 0; n < MANY; n++) await ask(store);
    const start = (): Promise<void> => Promise.resolve();
    assert.equal(await resumeResolutions({ resolutions: store, start, log }), MANY);
  });

  it('are open no more once they ended, asked for again or not', async () => {
    const store = storeOn(memoryTable());
    const id = await ask(store);
    await end(store, id);
    const task = { kind: 'joins', parts: 0 } as const;
    await store.put({ id, task, reason: 'r', actor: 'a', requestedAt: new Date().toISOString() });
    assert.deepEqual(await store.open({ limit: 10 }), []);
  });

  it('wait for a Temporal that does not answer', async () => {
    const store = storeOn(memoryTable());
    await ask(store);
    const start = (): Promise<void> => Promise.reject(new Error('no answer'));
    await assert.rejects(resumeResolutions({ resolutions: store, start, log }), /no answer/);
  });
});
