import type { MappingReplayPlan } from '../../domain/mapping/replay.ts';
import { decodeJson, encodeJson } from '../json.ts';
import type { Blobs } from '../ports.ts';
import type { IntakeSeal } from './context.ts';

/** Where an item's events were found: its batch, its place there, and the fragment. */
export type ItemPlace = readonly [batchId: string, index: number, fragment: string];

/** What a run works with, as objects: sealed, and forgotten with its end. */
export interface ReplayWork {
  putPlan(runId: string, plan: MappingReplayPlan): Promise<void>;
  plan(runId: string): Promise<MappingReplayPlan | undefined>;
  putPlaces(runId: string, slice: number, part: number, places: readonly ItemPlace[]): Promise<void>;
  places(runId: string, slice: number): Promise<ItemPlace[]>;
  /** Keeps a piece of the run's work under a name; the first stands, and is answered. */
  putWork<T>(runId: string, name: string, work: T): Promise<T>;
  work<T>(runId: string, name: string): Promise<T | undefined>;
  /** Forgets plan, places and work. */
  drop(runId: string): Promise<void>;
}

/** Digits of a slice's number in a name. */
export const SLICE_DIGITS = 9;
const LIST_PAGE = 1_000;

/** Keeps the work of runs. */
export function createReplayWork(blobs: Blobs, sealer: IntakeSeal): ReplayWork {
  const padded = (slice: number): string => String(slice).padStart(SLICE_DIGITS, '0');
  const blobKey = (runId: string, name: string): string => `mapping-replays/${runId}/${name}`;

  async function work<T>(runId: string, name: string): Promise<T | undefined> {
    const key = blobKey(runId, name);
    const sealed = await blobs.get(key);
    return sealed === undefined ? undefined : decodeJson<T>(await sealer.open(key, sealed));
  }

  async function putWork<T>(runId: string, name: string, value: T): Promise<T> {
    const key = blobKey(runId, name);
    const sealed = await sealer.seal(key, encodeJson(value), { compress: true });
    if (await blobs.put(key, sealed, { ifAbsent: true })) return value;
    return (await work<T>(runId, name)) ?? value;
  }

  async function keysOf(prefix: string): Promise<string[]> {
    const keys: string[] = [];
    for (;;) {
      const after = keys.at(-1);
      const page = await blobs.list(prefix, { limit: LIST_PAGE, ...(after === undefined ? {} : { after }) });
      keys.push(...page);
      if (page.length < LIST_PAGE) return keys;
    }
  }

  return {
    putPlan: async (runId, plan) => {
      await putWork(runId, 'plan', plan);
    },
    plan: (runId) => work(runId, 'plan'),
    putPlaces: async (runId, slice, part, places) => {
      const key = blobKey(runId, `places/${padded(slice)}/${padded(part)}`);
      // Found again by a retry, they may be others: a commit came between. More is no harm, each is looked at.
      await blobs.delete(key);
      await blobs.put(key, await sealer.seal(key, encodeJson(places), { compress: true }));
    },
    places: async (runId, slice) => {
      const prefix = blobKey(runId, '');
      const keys = await keysOf(`${prefix}places/${padded(slice)}/`);
      const parts = await Promise.all(keys.map((key) => work<ItemPlace[]>(runId, key.slice(prefix.length))));
      return parts.flatMap((part) => part ?? []);
    },
    putWork,
    work,
    drop: async (runId) => {
      for (const key of await keysOf(blobKey(runId, ''))) await blobs.delete(key);
    },
  };
}
