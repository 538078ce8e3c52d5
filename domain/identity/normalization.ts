import { ownValue } from '../record.ts';
import { FIRST_NORMALIZER, NORMALIZER_VERSION, type NormalizeOptions } from './normalize.ts';

/** How a tenant's identifiers are read. */
export interface Normalization {
  /** The version that makes addresses: that of the tenant's first day, for good. Newer ones only add evidence. */
  readonly version: number;
  /** Adds the mailbox that an address is delivered to, as an identifier of the type `mailbox`: dots and plus tags. */
  readonly mailboxes?: boolean;
  /** ISO 3166 country of phone numbers without a prefix, by source; the tenant's own where silent. */
  readonly countries?: Readonly<Record<string, string>>;
}

/** What a tenant that begins now is given. */
export const NEW_NORMALIZATION: Normalization = { version: NORMALIZER_VERSION };

/** What of a tenant's configuration says how identifiers are read. */
export interface NormalizationConfig {
  readonly normalization?: Normalization;
  readonly defaultCountry?: string;
}

/** How the identifiers of a source are read, or those that come with no source. */
export function normalizeOptions(
  { normalization, defaultCountry }: NormalizationConfig,
  source?: string,
): NormalizeOptions & { readonly mailboxes: boolean } {
  const own = source === undefined ? undefined : ownValue(normalization?.countries ?? {}, source);
  const country = own ?? defaultCountry;
  return {
    version: normalization?.version ?? FIRST_NORMALIZER,
    mailboxes: normalization?.mailboxes ?? false,
    ...(country === undefined ? {} : { defaultCountry: country }),
  };
}
