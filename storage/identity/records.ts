import type { ProfileHead, Refusal } from '../../domain/identity/evidence.ts';
import type { FragmentId, ProfileId } from '../../domain/identity/identifier.ts';
import { decodeJson, encodeJson } from '../json.ts';
import type { Item, Key, Table } from '../ports.ts';
import { open, seal } from '../vault/seal.ts';
import type { SealKey } from '../vault/seal.ts';
import type { Vault } from '../vault/types.ts';
import { decodeDecision, encodeDecision } from './codec.ts';
import type { Effects } from './codec.ts';
import { createDecisionReader } from './decision-reader.ts';
import type { DecisionReader } from './decision-reader.ts';
import { HEAD_SORT_KEY, directoryAad, effectsKey, pageKey, pointerKey, preparedKey } from './layout.ts';
import type { Decision } from './types.ts';

/** Below this, deflating costs more time than it saves room. */
const COMPRESS_FROM_BYTES = 600;

/** A fragment's pointer as stored. */
export interface Pointer {
  readonly version: number;
  readonly profile: ProfileId;
}

/** The directory's items, opened. All values are sealed under the tenant's directory key. */
export interface DirectoryRecords extends DecisionReader {
  pointers(fragments: readonly FragmentId[]): Promise<(Pointer | undefined)[]>;
  /** Evidence that is stored apart from heads. */
  openApart(items: readonly Item[]): Promise<Refusal[]>;
  /** What was done so far on behalf of a cause. */
  effects(cause: string): Promise<Effects>;
  /** A sealer that holds the key for one round of writes. */
  sealer(): Promise<RecordSealer>;
}

/**
 * Opens a stored head, for those who read all of them on a thread of their own; undefined for one whose members are in
 * pages. Throws `KeyGone`.
 */
export function openHead(
  tenant: string,
  key: SealKey,
  pk: string,
  value: Uint8Array,
): ProfileHead | undefined {
  const decision = decodeDecision(open(key, value, directoryAad(tenant, { pk, sk: HEAD_SORT_KEY })));
  return 'head' in decision ? decision.head : undefined;
}

/** Opens evidence that is stored apart from heads, likewise. Throws `KeyGone`. */
export function openApartItem(tenant: string, key: SealKey, at: Key, value: Uint8Array): Refusal {
  return decodeJson<Refusal>(open(key, value, directoryAad(tenant, at)));
}

/** Makes sealed items. */
export interface RecordSealer {
  /** The decision's item, and the pages that must be stored before it. */
  decision(key: Key, decision: Decision): { readonly item: Item; readonly pages: readonly Item[] };
  pointer(fragment: FragmentId, pointer: Pointer, cause: string): Item;
  effects(cause: string, first: string, effects: Effects): Item;
  prepared(cause: string, version: number): Item;
  apart(at: Key, version: number, refusal: Refusal): Item;
}

/** Opens the directory's items in `table`. */
export function createRecords(
  tenant: string,
  table: Table,
  vault: Pick<Vault, 'tenantSealKey'>,
): DirectoryRecords {
  const openItem = (key: SealKey, item: Item): Uint8Array =>
    open(key, item.value, directoryAad(tenant, item));
  return {
    ...createDecisionReader(tenant, table, vault),
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
    openApart: async (items) => {
      const key = await vault.tenantSealKey('directory');
      return items.map((item) => openApartItem(tenant, key, item, item.value));
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
    const value = seal(key, bytes, directoryAad(tenant, at), { compress });
    return { pk: at.pk, sk: at.sk, version, value };
  };
  return {
    decision: (at, decision) => {
      const { bytes, pages, ref } = encodeDecision(decision);
      return {
        item: sealAt(at, decision.version, bytes),
        pages: ref ? pages.map((page, index) => sealAt(pageKey(ref, index), 1, page)) : [],
      };
    },
    pointer: (fragment, pointer, cause) =>
      sealAt(pointerKey(fragment), pointer.version, encodeJson({ p: pointer.profile, by: cause })),
    apart: (at, version, refusal) => sealAt(at, version, encodeJson(refusal)),
    prepared: (cause, version) => sealAt(preparedKey(cause), version, encodeJson({ v: version })),
    effects: (cause, first, effects) => sealAt(effectsKey(cause, first), 1, encodeJson(effects)),
  };
}
