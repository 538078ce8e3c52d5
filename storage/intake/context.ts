import type { Storage } from '../ports.ts';
import { open, seal } from '../vault/seal.ts';
import type { Vault } from '../vault/types.ts';

/** What the intake stores stand on. `now` is in milliseconds; the system's clock where silent. */
export interface IntakeOptions {
  readonly tenant: string;
  readonly storage: Pick<Storage, 'intake' | 'blobs'>;
  readonly vault: Vault;
  readonly now?: () => number;
}

/** Seals under the tenant's intake key; `name` is where the value stands. */
export interface IntakeSeal {
  seal(name: string, bytes: Uint8Array, options?: { readonly compress?: boolean }): Promise<Uint8Array>;
  open(name: string, sealed: Uint8Array): Promise<Uint8Array>;
}

const SCHEMA = 1;

/** The seal of everything that intake stores. */
export function intakeSeal(tenant: string, vault: Vault): IntakeSeal {
  const aad = (name: string): string => `${tenant}|intake|${name}|${String(SCHEMA)}`;
  return {
    seal: async (name, bytes, options) =>
      seal(await vault.tenantSealKey('intake'), bytes, aad(name), options),
    open: async (name, sealed) => open(await vault.tenantSealKey('intake'), sealed, aad(name)),
  };
}
