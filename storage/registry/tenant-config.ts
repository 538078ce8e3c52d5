import { DEFAULT_IDENTITY_RULES } from '../../domain/identity/rules.ts';
import { DEFAULT_FOLD_POLICY } from '../../domain/profile/policy.ts';
import type { TraitPolicy } from '../../domain/profile/state.ts';
import { ConditionFailed } from '../errors.ts';
import { cachedRead } from './cached-read.ts';
import type { Documents } from './documents.ts';
import { frozen, withNormalization, withTraitPolicy } from './tenant-changes.ts';
import type { FoldChange, NormalizationChange, TenantConfig } from './types.ts';

const COLLECTION = 'tenant';
const NAME = 'config';
/** Rounds of a change against others. */
const ROUNDS_MAX = 10;

type Settings = Partial<Omit<TenantConfig, 'tenant'>>;

interface Stored {
  readonly version: number;
  readonly settings: Settings;
}

/** The tenant's settings, the defaults where nothing was set. */
export interface TenantConfigStore {
  get(): Promise<TenantConfig>;
  set(change: Settings): Promise<TenantConfig>;
  /** See `Registry`. */
  setTraitPolicy(trait: string, policy: TraitPolicy): Promise<TenantConfig>;
  /** See `Registry`. */
  setNormalization(change: NormalizationChange): Promise<TenantConfig>;
  /** See `Registry`. */
  foldChanges(): Promise<FoldChange[]>;
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
  async function update(apply: (before: TenantConfig) => Settings | undefined): Promise<TenantConfig> {
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
        await documents.put(COLLECTION, NAME, version + 1, { version: version + 1, settings: after });
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
    setTraitPolicy: (trait, policy) => update((before) => withTraitPolicy(before, trait, policy)),
    setNormalization: (change) => update((before) => withNormalization(before, change)),
    async foldChanges() {
      const changes: FoldChange[] = [];
      let before = DEFAULT_FOLD_POLICY;
      for (const { recordedAt, document } of await documents.history<Stored>(COLLECTION, NAME)) {
        const { fold } = complete(document.settings);
        if (fold.version !== before.version) changes.push({ recordedAt, before, after: fold });
        before = fold;
      }
      return changes;
    },
  };
}
