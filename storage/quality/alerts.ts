import { intakeSeal } from '../intake/context.ts';
import { decodeJson, encodeJson } from '../json.ts';
import type { Storage } from '../ports.ts';
import type { Vault } from '../vault/types.ts';

/** One alert that somebody is to be told of. */
export interface Alert {
  readonly id: string;
  readonly type: 'source.finding.opened' | 'source.finding.closed';
  readonly source: string;
  readonly code: string;
  readonly detail: string;
  /** ISO 8601 UTC. */
  readonly at: string;
}

/** What was found of a source at the last look, and the alerts that were not delivered yet, oldest first. */
export interface AlertState {
  readonly open: readonly string[];
  readonly outbox: readonly Alert[];
}

/** The alerts of a source. */
export interface AlertStore {
  read(source: string): Promise<AlertState & { readonly version: number }>;
  /** Replaces what was read. Throws `ConditionFailed` where another process did so first. */
  write(source: string, state: AlertState, version: number): Promise<void>;
}

/** Opens a tenant's alerts. */
export function createAlertStore(options: {
  readonly tenant: string;
  readonly storage: Pick<Storage, 'intake'>;
  readonly vault: Vault;
}): AlertStore {
  const { tenant, storage, vault } = options;
  const sealer = intakeSeal(tenant, vault);
  const table = storage.intake;
  return {
    async read(source) {
      const item = await table.get({ pk: 'alerts', sk: source });
      if (item === undefined) return { open: [], outbox: [], version: 0 };
      const state = decodeJson<AlertState>(await sealer.open(`alerts/${source}`, item.value));
      return { ...state, version: item.version };
    },
    async write(source, { open, outbox }, version) {
      const value = await sealer.seal(`alerts/${source}`, encodeJson({ open, outbox }), { compress: true });
      const expect = version === 0 ? ('absent' as const) : version;
      await table.write([{ kind: 'put', pk: 'alerts', sk: source, version: version + 1, value, expect }]);
    },
  };
}
