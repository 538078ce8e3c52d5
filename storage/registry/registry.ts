import { ConditionFailed } from '../errors.ts';
import type { Storage } from '../ports.ts';
import type { Vault } from '../vault/types.ts';
import { createDocuments } from './documents.ts';
import { cachedRead } from './cached-read.ts';
import { checkName, InvalidConfig } from './errors.ts';
import { createMappings } from './mappings.ts';
import { createTenantConfig } from './tenant-config.ts';
import { withThresholds } from './thresholds.ts';
import { createTrackingPlans } from './tracking-plans.ts';
import type { Registry, SourceConfig } from './types.ts';
import { checkWriteKey, hashWriteKey, newWriteKey } from './write-keys.ts';

/** A source's lanes: each may have a pump of its own. */
export const LANES_MAX = 64;
/** Lanes of a source where nobody says otherwise: as many as a worker has threads for them on two cores. */
export const LANES_DEFAULT = 2;
/** Rounds of an update against others of the same document. */
const UPDATE_ROUNDS_MAX = 10;

const SOURCES = 'sources';

/** What a registry stands on. `now` is in milliseconds; the system's clock where silent. */
export interface RegistryOptions {
  readonly tenant: string;
  readonly storage: Pick<Storage, 'log'>;
  readonly vault: Pick<Vault, 'tenantSealKey'>;
  readonly now?: () => number;
}

function checkLanes(lanes: number): void {
  if (!Number.isInteger(lanes) || lanes < 1 || lanes > LANES_MAX) {
    throw new InvalidConfig('lanes', `must be a whole number from 1 to ${LANES_MAX}`);
  }
}

function newSource(
  given: Pick<SourceConfig, 'name' | 'kind' | 'mapping' | 'lanes'>,
  key: string,
  nowMs: number,
): SourceConfig {
  return {
    ...given,
    writeKeyHashes: [hashWriteKey(key)],
    createdAt: new Date(nowMs).toISOString(),
    version: 1,
  };
}

function withLanes(source: SourceConfig, lanes: number): SourceConfig {
  if (lanes < source.lanes) {
    throw new InvalidConfig('lanes', `the source has ${source.lanes} lanes; they can grow, not shrink`);
  }
  return { ...source, lanes };
}

/** Opens a tenant's registry. */
export function createRegistry(options: RegistryOptions): Registry {
  const { tenant, storage, vault, now = Date.now } = options;
  const documents = createDocuments({ tenant, table: storage.log, vault, now });
  const sources = cachedRead(() => documents.list<SourceConfig>(SOURCES), now);
  const mappings = createMappings(documents, now);
  const config = createTenantConfig({ tenant, documents, now });

  /** Applies a change to a source at its newest version; retried where another change came first. */
  async function change(name: string, apply: (source: SourceConfig) => SourceConfig): Promise<SourceConfig> {
    for (let round = 1; ; round++) {
      sources.forget();
      const before = await source(name);
      if (before === undefined)
        throw new InvalidConfig('source', `there is no source ${JSON.stringify(name)}`);
      const after = { ...apply(before), version: before.version + 1 };
      try {
        await documents.put(SOURCES, name, after.version, after);
        sources.forget();
        return after;
      } catch (error) {
        if (!(error instanceof ConditionFailed) || round === UPDATE_ROUNDS_MAX) throw error;
      }
    }
  }

  async function source(name: string): Promise<SourceConfig | undefined> {
    return (await sources.get()).find((entry) => entry.name === name)?.document;
  }

  return {
    config: () => config.get(),
    setConfig: (wanted) => config.set(wanted),
    setNormalization: (wanted) => config.setNormalization(wanted),
    setTraitPolicy: (trait, policy) => config.setTraitPolicy(trait, policy),
    foldChanges: () => config.foldChanges(),
    setRules: config.setRules,
    rulesVersions: config.rulesVersions,
    sources: async () => (await sources.get()).map(({ document }) => document),
    source,
    async addSource({ name, kind, mapping: ref, lanes = LANES_DEFAULT, writeKey }) {
      checkName('source', name);
      checkLanes(lanes);
      if ((await mappings.get(ref)) === undefined) {
        throw new InvalidConfig('mapping', `there is no mapping ${JSON.stringify(ref)}; add it first`);
      }
      const key = writeKey === undefined ? newWriteKey() : checkWriteKey(writeKey);
      const added = newSource({ name, kind, mapping: ref, lanes }, key, now());
      await documents.put(SOURCES, name, 1, added);
      sources.forget();
      return { source: added, writeKey: key };
    },
    async rotateKey(name, { revokeOld = false } = {}) {
      const writeKey = newWriteKey();
      const rotated = await change(name, (before) => ({
        ...before,
        writeKeyHashes: [...(revokeOld ? [] : before.writeKeyHashes), hashWriteKey(writeKey)],
      }));
      return { source: rotated, writeKey };
    },
    async setLanes(name, lanes) {
      checkLanes(lanes);
      return change(name, (before) => withLanes(before, lanes));
    },
    setThresholds: (name, changes) => change(name, (before) => withThresholds(before, changes)),
    mappings: () => mappings.all(),
    mapping: (ref) => mappings.get(ref),
    mappingAt: (ref, at) => mappings.at(ref, at),
    putMapping: (definition) => mappings.put(definition),
    plans: createTrackingPlans(documents, now),
  };
}
