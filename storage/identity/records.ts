import type { FragmentId, ProfileId } from '../../domain/identity/identifier.ts';
import { decodeJson, encodeJson } from '../json.ts';
import type { Item, Key, Table } from '../ports.ts';
import { open, seal } from '../vault/seal.ts';
import type { SealKey } from '../vault/seal.ts';
import type { Vault } from '../vault/types.ts';
import { decodeDecision, encodeDecision } from './codec.ts';
import type { Effects } from './codec.ts';
import { decisionRange, directoryAad, effectsKey, headKey, pointerKey } from './layout.ts';
import type { Decision } from './types.ts';

/** Below this, deflating costs more time than it saves room. */
const COMPRESS_FROM_BYTES = 600;
/** Decisions read at a time. */
const DECISIONS_PAGE = 500;

/** A fragment's pointer as stored. */
export interface Pointer {
  readonly version: number;
  readonly profile: ProfileId;
}

/** The directory's items, opened. All values are sealed under the tenant's directory key. */
export interface DirectoryRecords {
  pointers(fragments: readonly FragmentId[]): Promise<(Pointer | undefined)[]>;
  /** The last decision of each profile. */
  latest(profiles: readonly ProfileId[]): Promise<(Decision | undefined)[]>;
  /** All decisions of a profile, oldest first. */
  decisions(profile: ProfileId): Promise<Decision[]>;
  /** What was done so far on behalf of a cause. */
  effects(cause: string): Promise<Effects>;
  /** A sealer that holds the key for one round of writes. */
  sealer(): Promise<RecordSealer>;
}

/** Makes sealed items. */
export interface RecordSealer {
  decision(key: Key, decision: Decision): Item;
  pointer(fragment: FragmentId, pointer: Pointer, cause: string): Item;
  effects(cause: string, first: string, effects: Effects): Item;
}

/** Opens the directory's items in `table`. */
export function createRecords(
  tenant: string,
  table: Table,
  vault: Pick<Vault, 'tenantSealKey'>,
): DirectoryRecords {
  const openItem = (key: SealKey, item: Item): Uint8Array =>
    open(key, item.value, directoryAad(tenant, item));
  async function latest(profiles: readonly ProfileId[]): Promise<(Decision | undefined)[]> {
    const [key, items] = await Promise.all([
      vault.tenantSealKey('directory'),
      table.getMany(profiles.map(headKey)),
    ]);
    return items.map((item) => item && decodeDecision(openItem(key, item)));
  }

  return {
    latest,
    pointers: async (fragments) => {
      const [key, items] = await Promise.all([
        vault.tenantSealKey('directory'),
        table.getMany(fragments.map(pointerKey)),
      ]);
      return items.map((item) => {
        if (!item) return undefined;
        const { p } = decodeJson<{ p: ProfileId }>(openItem(key, item));
        return { version: item.version, profile: p };
      });
    },
    decisions: async (profile) => {
      const key = await vault.tenantSealKey('directory');
      const past: Decision[] = [];
      for (let after: string | undefined; ;) {
        const range = { ...decisionRange(profile), limit: DECISIONS_PAGE };
        const page = await table.query(after === undefined ? range : { ...range, after });
        for (const item of page) past.push(decodeDecision(openItem(key, item)));
        after = page.at(-1)?.sk;
        if (page.length < DECISIONS_PAGE) break;
      }
      // The head is read last: a decision made meanwhile then shows there, or in a gap that it tells of.
      const [last] = await latest([profile]);
      if (!last) return past;
      const missing = last.version - 1 - (past.at(-1)?.version ?? 0);
      if (missing > 0) {
        const range = { ...decisionRange(profile), reverse: true, limit: missing };
        const gap = (await table.query(range)).map((item) => decodeDecision(openItem(key, item)));
        past.push(...gap.reverse());
      }
      return [...past, last];
    },
    effects: async (cause) => {
      const key = await vault.tenantSealKey('directory');
      const items = await table.query({ pk: effectsKey(cause, '').pk });
      const all = items.map((item) => decodeJson<Effects>(openItem(key, item)));
      return {
        minted: all.flatMap((effects) => effects.minted),
        mergedAway: all.flatMap((effects) => effects.mergedAway),
      };
    },
    sealer: async () => createSealer(tenant, await vault.tenantSealKey('directory')),
  };
}

function createSealer(tenant: string, key: SealKey): RecordSealer {
  const sealAt = (at: Key, version: number, bytes: Uint8Array): Item => {
    const compress = bytes.length >= COMPRESS_FROM_BYTES;
    return { ...at, version, value: seal(key, bytes, directoryAad(tenant, at), { compress }) };
  };
  return {
    decision: (at, decision) => sealAt(at, decision.version, encodeDecision(decision)),
    pointer: (fragment, pointer, cause) =>
      sealAt(pointerKey(fragment), pointer.version, encodeJson({ p: pointer.profile, by: cause })),
    effects: (cause, first, effects) => sealAt(effectsKey(cause, first), 1, encodeJson(effects)),
  };
}
