import { canonicalJson } from '../../domain/canonical.ts';
import type { Normalization } from '../../domain/identity/normalization.ts';
import { FIRST_NORMALIZER } from '../../domain/identity/normalize.ts';
import { traitPolicy } from '../../domain/profile/policy.ts';
import type { TraitPolicy } from '../../domain/profile/state.ts';
import type { NormalizationChange, TenantConfig } from './types.ts';

/** What a new policy of one trait changes; undefined where it is that already. */
export function withTraitPolicy(
  { fold }: TenantConfig,
  trait: string,
  policy: TraitPolicy,
): Pick<TenantConfig, 'fold'> | undefined {
  if (canonicalJson(traitPolicy(trait, fold)) === canonicalJson(policy)) return undefined;
  const others = Object.entries(fold.traits).filter(([name]) => name !== trait);
  // What is the default need not be said.
  const traits = Object.fromEntries(policy === 'latest' ? others : [...others, [trait, policy]]);
  return { fold: { ...fold, traits } };
}

/** How identifiers are read after a change of it. */
export function withNormalization(
  { normalization = { version: FIRST_NORMALIZER } }: TenantConfig,
  { mailboxes, defaultCountry, countries = {} }: NormalizationChange,
): Partial<TenantConfig> {
  const all = Object.entries({ ...normalization.countries, ...countries });
  const set = all.filter((entry): entry is [string, string] => entry[1] !== null);
  return {
    normalization: {
      ...normalization,
      ...(mailboxes === undefined ? {} : { mailboxes }),
      countries: Object.fromEntries(set),
    },
    ...(defaultCountry === undefined ? {} : { defaultCountry }),
  };
}

/** The version that makes addresses stays what it was set to first. */
export function frozen(wanted: Normalization, before: TenantConfig): Normalization {
  return { ...wanted, version: before.normalization?.version ?? wanted.version };
}
