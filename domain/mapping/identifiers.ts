import { compareText } from '../canonical.ts';
import type { IdentityRules } from '../identity/evidence.ts';
import type { Identifier } from '../identity/identifier.ts';
import { mailboxOf } from '../identity/normalize-email.ts';
import { NORMALIZER_VERSION, normalizeIdentifier, type NormalizeOptions } from '../identity/normalize.ts';
import { isBlocked, rank } from '../identity/rules.ts';
import type { JsonValue } from '../json.ts';

/** An identifier as its source wrote it. */
export interface Candidate {
  readonly type: string;
  readonly value: JsonValue | undefined;
}

/** What decides which candidates are identifiers, in what form, and in what order. */
export interface IdentifierContext extends NormalizeOptions {
  readonly rules: IdentityRules;
  /** Whether the mailbox that an address is delivered to is an identifier as well. */
  readonly mailboxes?: boolean;
}

/** The type of the mailboxes that addresses are delivered to. */
export const MAILBOX = 'mailbox';

/** What the candidates of one message come to. */
export interface SelectedIdentifiers {
  readonly identifiers: Identifier[];
  /** Values that the rules block, in the same order; absent where there are none. */
  readonly blocked?: Identifier[];
}

/**
 * The identifiers among the candidates: normalized, without repeats and invalid values, strongest first and then by
 * type and value, so that the same message always names the same fragment. What newer normalizers and providers' rules
 * make of them comes after all of these: it is evidence and never names the fragment. Blocked values are told apart.
 */
export function selectIdentifiers(
  candidates: readonly Candidate[],
  context: IdentifierContext,
): SelectedIdentifiers {
  const all = allIdentifiers(candidates, context);
  const blocked = all.filter((identifier) => isBlocked(identifier, context.rules));
  if (blocked.length === 0) return { identifiers: all };
  return { identifiers: all.filter((identifier) => !blocked.includes(identifier)), blocked };
}

function allIdentifiers(candidates: readonly Candidate[], context: IdentifierContext): Identifier[] {
  const selected: Identifier[] = [];
  const added: Identifier[] = [];
  for (const { type, value } of candidates) {
    const text = asText(value);
    if (text === undefined) continue;
    const normalized = normalizeIdentifier(type, text, context);
    if (!normalized.ok) continue;
    take(selected, { type, value: normalized.value });
    if (type === 'email') added.push(...furtherForms(text, normalized.value, context));
  }
  if (selected.length > 1) selected.sort((a, b) => compareIdentifiers(a, b, context.rules));
  if (added.length === 0) return selected;
  added.sort((a, b) => compareIdentifiers(a, b, context.rules));
  // A further form never names a fragment, so it is of use only beside what does.
  const names = selected.some((identifier) => !isBlocked(identifier, context.rules));
  for (const identifier of added) if (names) take(selected, identifier);
  return selected;
}

function take(selected: Identifier[], { type, value }: Identifier): void {
  if (value.trim() === '') return;
  if (!selected.some((other) => other.type === type && other.value === value)) selected.push({ type, value });
}

function furtherForms(text: string, email: string, context: IdentifierContext): Identifier[] {
  const forms: Identifier[] = [];
  if ((context.version ?? NORMALIZER_VERSION) < NORMALIZER_VERSION) {
    const newest = normalizeIdentifier('email', text);
    if (newest.ok && newest.value !== email) forms.push({ type: 'email', value: newest.value });
  }
  const mailbox = context.mailboxes === true ? mailboxOf(email) : undefined;
  if (mailbox !== undefined) forms.push({ type: MAILBOX, value: mailbox });
  return forms;
}

function compareIdentifiers(a: Identifier, b: Identifier, rules: IdentityRules): number {
  return (
    rank(a.type, rules) - rank(b.type, rules) || compareText(a.type, b.type) || compareText(a.value, b.value)
  );
}

/** Numbers are ids as well, where JSON carries them exactly. */
function asText(value: JsonValue | undefined): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : undefined;
}
