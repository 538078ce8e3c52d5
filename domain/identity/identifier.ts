/** The identifier types every tenant starts with, strongest first; a tenant may add its own. */
export const IDENTIFIER_TYPES = [
  'userId',
  'crmId',
  'loyaltyId',
  'contactId',
  'socialId',
  'anonymousId',
  'deviceId',
  'email',
  'phone',
] as const;

/** A typed, normalized value that names a person, a device or an address; written `type:value`. */
export interface Identifier {
  readonly type: string;
  /** Normalized by the versioned normalizer of its type. */
  readonly value: string;
}

/** `type:value`, the way an identifier is written everywhere. */
export type IdentifierKey = string;

/**
 * The address of a fragment: a blind index (keyed hash) of its identifier, base64url.
 * It names nobody to whoever lacks the tenant's key.
 */
export type FragmentId = string;

/** A profile's id, minted once and random; it keeps answering after a merge, by redirect. */
export type ProfileId = string;

/** Writes an identifier as `type:value`. */
export function identifierKey(identifier: Identifier): IdentifierKey {
  return `${identifier.type}:${identifier.value}`;
}

/** Reads `type:value`; undefined where there is no type. The value is not normalized here. */
export function parseIdentifierKey(key: string): Identifier | undefined {
  const colon = key.indexOf(':');
  if (colon < 1 || colon === key.length - 1) return undefined;
  return { type: key.slice(0, colon), value: key.slice(colon + 1) };
}
