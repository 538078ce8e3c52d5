import type { FragmentId } from '../../domain/identity/identifier.ts';
import type { SealKey } from './seal.ts';

/** What a tenant's own keys are for; each purpose has a key of its own. */
export type TenantPurpose = 'intake' | 'directory' | 'payloads' | 'config' | 'linkage';

/** A fragment's data key, and the random id that the archive knows the fragment by. */
export interface FragmentKey extends SealKey {
  readonly subject: string;
}

/** A tenant's data keys, unwrapped; kept in memory for a minute at most. Throws `StoreUnavailable`. */
export interface Vault {
  /** In the order of `fragments`; undefined where there is no key, or one that can't be read any more. */
  keys(fragments: readonly FragmentId[]): Promise<(FragmentKey | undefined)[]>;
  /** The same, creating what is not there. Durable when it returns; of two creators the first one's key is used by both. */
  ensureKeys(fragments: readonly FragmentId[]): Promise<FragmentKey[]>;
  /** Forgets a fragment's key in this process, where it was destroyed. */
  evict(fragment: FragmentId): void;
  /** The tenant's key of this purpose, created at the first call. Throws `KeyGone` once destroyed. */
  tenantSealKey(purpose: TenantPurpose): Promise<SealKey>;
  /** Its 32 bytes, for those who encrypt by themselves, such as the codec of Temporal's payloads. */
  tenantKey(purpose: TenantPurpose): Promise<Uint8Array>;
}
