import type { Normalization } from '../../domain/identity/normalization.ts';
import type { IdentityRules } from '../../domain/identity/evidence.ts';
import type { SourceKind } from '../../domain/ingestion/source-kind.ts';
import type { MappingDefinition } from '../../domain/mapping/types.ts';
import type { FoldPolicy, TraitPolicy } from '../../domain/profile/state.ts';
import type { HealthThresholds, ThresholdName } from '../../domain/quality/thresholds.ts';
import type { QuarantineRetention } from '../intake/types.ts';

import type { TrackingPlans } from './tracking-plans.ts';

export type { SourceKind } from '../../domain/ingestion/source-kind.ts';

/** A source's configuration. Names are `[a-z0-9][a-z0-9-]{0,62}`. */
export interface SourceConfig {
  readonly name: string;
  readonly kind: SourceKind;
  /** Mapping used where a call names none. */
  readonly mapping: string;
  /** Parallel lanes; grows, never shrinks. */
  readonly lanes: number;
  /** SHA-256 (hex) of each write key in force; rotation keeps the old one until it is revoked. */
  readonly writeKeyHashes: readonly string[];
  readonly createdAt: string;
  /** From when on it wants looking at, where that is not the default. */
  readonly thresholds?: Partial<HealthThresholds>;
  /** Optimistic version of this configuration, from 1. */
  readonly version: number;
}

/** Thresholds to set, null for the default. */
export type ThresholdChanges = Readonly<Partial<Record<ThresholdName, number | null>>>;

/** What a tenant is set to; versioned, each change an event of the stream `cfg/<name>`. */
export interface TenantConfig {
  readonly tenant: string;
  readonly identity: IdentityRules;
  readonly fold: FoldPolicy;
  /** ISO 3166 country for phone numbers without a prefix; none where absent. */
  readonly defaultCountry?: string;
  /** How identifiers are read; set with the tenant's first source. */
  readonly normalization?: Normalization;
  /** How long entries of quarantine are kept; the defaults where absent. */
  readonly quarantine?: QuarantineRetention;
}

/** One change of the policy of the fold. */
export interface FoldChange {
  readonly recordedAt: string;
  readonly before: FoldPolicy;
  readonly after: FoldPolicy;
}

/** What of how identifiers are read can be changed. What is left out stays. */
export interface NormalizationChange {
  readonly mailboxes?: boolean;
  readonly defaultCountry?: string;
  /** By source; null takes its own away. */
  readonly countries?: Readonly<Record<string, string | null>>;
}

/** Who changed a configuration, and why. */
export interface ChangedBy {
  readonly actor: string;
  readonly reason?: string;
}

/** One version of the identity rules. Nobody made the first, which every tenant starts with. */
export interface RulesVersion {
  readonly rules: IdentityRules;
  /** ISO 8601 UTC. */
  readonly recordedAt: string | null;
  readonly by: ChangedBy | null;
}

/** Configuration of a tenant. Reads are cached for at most a second. */
export interface Registry {
  config(): Promise<TenantConfig>;
  /** Changes what is named; rules and policy get the version after the one in force, whatever version they bring. */
  setConfig(change: Partial<Omit<TenantConfig, 'tenant'>>): Promise<TenantConfig>;
  /** Changes how the identifiers of events to come are read, but for the version, which stays. */
  setNormalization(change: NormalizationChange): Promise<TenantConfig>;
  /** Sets one trait's policy, beside whatever others set; no change, and no new version, where it is that already. */
  setTraitPolicy(trait: string, policy: TraitPolicy): Promise<TenantConfig>;
  /** Every change of the policy of the fold, oldest first. */
  foldChanges(): Promise<FoldChange[]>;
  /**
   * Makes rules the version in force, the one after the last. With `after`, throws `InvalidConfig` (`version`) where
   * the rules in force are of another version.
   */
  setRules(
    rules: Omit<IdentityRules, 'version'>,
    by: ChangedBy & { readonly after?: number },
  ): Promise<IdentityRules>;
  /** Every version that there was, oldest first. */
  rulesVersions(): Promise<RulesVersion[]>;
  sources(): Promise<SourceConfig[]>;
  source(name: string): Promise<SourceConfig | undefined>;
  /** Creates a source and answers its write key, the only time that it is shown. Throws `ConditionFailed` if it exists. */
  addSource(source: {
    readonly name: string;
    readonly kind: SourceKind;
    readonly mapping: string;
    readonly lanes?: number;
    readonly writeKey?: string;
  }): Promise<{ source: SourceConfig; writeKey: string }>;
  /** Adds a new key; the old ones stay valid unless `revokeOld`. */
  rotateKey(
    name: string,
    options?: { readonly revokeOld?: boolean },
  ): Promise<{ source: SourceConfig; writeKey: string }>;
  setLanes(name: string, lanes: number): Promise<SourceConfig>;
  /** Sets thresholds; null makes one the default again, those left out stay. Throws `InvalidConfig`. */
  setThresholds(name: string, changes: ThresholdChanges): Promise<SourceConfig>;
  mappings(): Promise<MappingDefinition[]>;
  /** `name` for the newest version, or `name@version`. Built-in mappings answer too. */
  mapping(ref: string): Promise<MappingDefinition | undefined>;
  /** The version that a reference meant at a moment, ISO 8601 UTC: the one that it names, or the newest of then. */
  mappingAt(ref: string, at: string): Promise<MappingDefinition | undefined>;
  /** Stores a new version (one more than the newest). */
  putMapping(definition: Omit<MappingDefinition, 'version'>): Promise<MappingDefinition>;
  /** What the events of sources must look like. */
  readonly plans: TrackingPlans;
}
