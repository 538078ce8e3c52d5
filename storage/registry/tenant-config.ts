import { DEFAULT_IDENTITY_RULES } from '../../domain/identity/rules.ts';
import { DEFAULT_FOLD_POLICY } from '../../domain/profile/policy.ts';
import type { TraitPolicy } from '../../domain/profile/state.ts';
import { ConditionFailed } from '../errors.ts';
import { cachedRead } from './cached-read.ts';
import type { ConfigEvent, Documents } from './documents.ts';
import { InvalidConfig } from './errors.ts';
import { frozen, withNormalization, withTraitPolicy } from './tenant-changes.ts';
import type {
  ChangedBy,
  FoldChange,
  NormalizationChange,
  Registry,
  RulesVersion,
  TenantConfig,
} from './types.ts';

const COLLECTION = 'tenant';
const NAME = 'config';
/** Rounds of a change against others. */
const ROUNDS_MAX = 10;

type Settings = Partial<Omit<TenantConfig, 'tenant'>>;

interface Stored {
  readonly version: number;
  readonly settings: Settings;
  /** Who made this version; absent where the system did. */
  readonly by?: ChangedBy;
}

/** The tenant's settings, the defaults where nothing was set. */
export interface TenantConfigStore {
  get(): Promise<TenantConfig>;
  /** See `Registry`. */
  setTraitPolicy(trait: string, policy: TraitPolicy): Promise<TenantConfig>;
  /** See `Registry`. */
  setNormalization(change: NormalizationChange): Promise<TenantConfig>;
  /** See `Registry`. */
  foldChanges(): Promise<FoldChange[]>;
  set(change: Settings): Promise<TenantConfig>;
  /** See `Registry`. */
  setRules: Registry['setRules'];
  /** See `Registry`. */
  rulesVersions: Registry['rulesVersions'];
}

/** Keeps the settings as one document. `now` is in milliseconds. */
export function createTenantConfig(options: {
  readonly tenant: string;
  readonly documents: Documents;
  readonly now: () => number;
}): TenantConfigStore {
  const { tenant, documents, now } = options;
  const stored = cachedRead(async (): Promise<Stored> => {
    const [found] = await documents.list<Stored>(COLLECTION);
    return found?.document ?? { version: 0, settings: {} };
  }, now);

  const complete = (settings: Settings): TenantConfig => ({
    identity: DEFAULT_IDENTITY_RULES,
    fold: DEFAULT_FOLD_POLICY,
    ...settings,
    tenant,
  });

  /** `apply` answers what is to change of the settings as they stand, or undefined where nothing is. */
  async function update(
    apply: (before: TenantConfig) => Settings | undefined,
    by?: ChangedBy,
  ): Promise<TenantConfig> {
    for (let round = 1; ; round++) {
      stored.forget();
      const { version, settings } = await stored.get();
      const before = complete(settings);
      const change = apply(before);
      if (change === undefined) return before;
      const { identity, fold, normalization } = change;
      const after: Settings = {
        ...settings,
        ...change,
        ...(identity === undefined
          ? {}
          : { identity: { ...identity, version: before.identity.version + 1 } }),
        ...(fold === undefined ? {} : { fold: { ...fold, version: before.fold.version + 1 } }),
        ...(normalization === undefined ? {} : { normalization: frozen(normalization, before) }),
      };
      try {
        const next: Stored = { version: version + 1, settings: after, ...(by && { by }) };
        await documents.put(COLLECTION, NAME, next.version, next);
        stored.forget();
        return complete(after);
      } catch (error) {
        if (!(error instanceof ConditionFailed) || round === ROUNDS_MAX) throw error;
      }
    }
  }

  return {
    get: async () => complete((await stored.get()).settings),
    set: (change) => update(() => change),
    async setRules(rules, { after, ...by }) {
      const { identity } = await update(({ identity: current }) => {
        if (after !== undefined && current.version !== after) throw isOlder(current);
        return { identity: { ...rules, version: current.version } };
      }, by);
      return identity;
    },
    setTraitPolicy: (trait, policy) => update((before) => withTraitPolicy(before, trait, policy)),
    setNormalization: (change) => update((before) => withNormalization(before, change)),
    foldChanges: async () => foldChangesIn(await documents.history<Stored>(COLLECTION, NAME)),
    rulesVersions: async () => rulesVersionsIn(await documents.history<Stored>(COLLECTION, NAME)),
  };
}

function isOlder({ version }: TenantConfig['identity']): InvalidConfig {
  return new InvalidConfig('version', `the rules in force are version ${String(version)}; start from them`);
}

function rulesVersionsIn(history: readonly ConfigEvent<Stored>[]): RulesVersion[] {
  const versions = new Map<number, RulesVersion>([
    [DEFAULT_IDENTITY_RULES.version, { rules: DEFAULT_IDENTITY_RULES, recordedAt: null, by: null }],
  ]);
  for (const { recordedAt, document } of history) {
    const rules = document.settings.identity;
    if (rules && !versions.has(rules.version))
      versions.set(rules.version, { rules, recordedAt, by: document.by ?? null });
  }
  return [...versions.values()];
}

function foldChangesIn(history: readonly ConfigEvent<Stored>[]): FoldChange[] {
  const changes: FoldChange[] = [];
  let before = DEFAULT_FOLD_POLICY;
  for (const { recordedAt, document } of history) {
    const { fold = DEFAULT_FOLD_POLICY } = document.settings;
    if (fold.version !== before.version) changes.push({ recordedAt, before, after: fold });
    before = fold;
  }
  return changes;
}
