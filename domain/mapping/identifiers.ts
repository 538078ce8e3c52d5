import { compareText } from '../canonical.ts';
import type { IdentityRules } from '../identity/evidence.ts';
import type { Identifier } from '../identity/identifier.ts';
import { normalizeIdentifier } from '../identity/normalize.ts';
import { isBlocked, rank } from '../identity/rules.ts';
import type { JsonValue } from '../json.ts';

/** An identifier as its source wrote it. */
export interface Candidate {
  readonly type: string;
  readonly value: JsonValue | undefined;
}

/** What decides which candidates are identifiers, and in what order. */
export interface IdentifierContext {
  readonly rules: IdentityRules;
  /** ISO 3166 country for phone numbers without a prefix. */
  readonly defaultCountry?: string;
}

/**
 * The identifiers among the candidates: normalized, without repeats, invalid and blocked values, strongest first
 * and then by type and value, so that the same message always names the same fragment.
 */
export function selectIdentifiers(
  candidates: readonly Candidate[],
  context: IdentifierContext,
): Identifier[] {
  const selected: Identifier[] = [];
  for (const { type, value } of candidates) {
    const text = asText(value);
    if (text === undefined) continue;
    const normalized = normalizeIdentifier(type, text, context);
    if (!normalized.ok) continue;
    const identifier = { type, value: normalized.value };
    const repeated = selected.some((other) => other.type === type && other.value === identifier.value);
    if (!repeated && !isBlocked(identifier, context.rules)) selected.push(identifier);
  }
  if (selected.length < 2) return selected;
  return selected.sort(
    (a, b) =>
      rank(a.type, context.rules) - rank(b.type, context.rules) ||
      compareText(a.type, b.type) ||
      compareText(a.value, b.value),
  );
}

/** Numbers are ids as well, where JSON carries them exactly. */
function asText(value: JsonValue | undefined): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : undefined;
}
