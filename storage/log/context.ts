import type { FragmentId } from '../../domain/identity/identifier.ts';
import type { FoldPolicy } from '../../domain/profile/state.ts';
import type { Item, Table } from '../ports.ts';
import { open, sealedUnder } from '../vault/seal.ts';
import type { FragmentKey, Vault } from '../vault/types.ts';
import { decodeCommit } from './encode.ts';
import type { IndexKeys } from './index-keys.ts';
import { commitVersion, logAad } from './layout.ts';
import type { TipCache } from './tip-cache.ts';
import type { Commit } from './types.ts';

/** What the parts of the log share. `now` is in milliseconds. */
export interface LogContext {
  readonly tenant: string;
  readonly table: Table;
  readonly vault: Vault;
  readonly index: IndexKeys;
  readonly policy: () => Promise<FoldPolicy>;
  readonly now: () => number;
  /** Ends that were seen or made lately; an append's condition catches those that are out of date. */
  readonly tips: TipCache;
}

/** Opens a sealed item; undefined where it is of a key that is gone. Throws `KeyGone` where it was tampered with. */
export function openItem(
  context: LogContext,
  fragment: FragmentId,
  key: FragmentKey,
  item: Item,
): Uint8Array | undefined {
  if (!sealedUnder(key, item.value)) return undefined;
  return open(key, item.value, logAad(context.tenant, fragment, item.sk));
}

/** Opens a commit; undefined where the item is none, or of a key that is gone. */
export function openCommit(
  context: LogContext,
  fragment: FragmentId,
  key: FragmentKey,
  item: Item,
): Commit | undefined {
  const version = commitVersion(item.sk);
  if (version === undefined) return undefined;
  const bytes = openItem(context, fragment, key, item);
  return bytes === undefined ? undefined : decodeCommit(version, bytes);
}
