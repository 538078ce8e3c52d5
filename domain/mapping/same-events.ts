import { canonicalJson } from '../canonical.ts';
import type { CanonicalEvent } from '../ingestion/event.ts';

/** What an event says, without which version of which mapping and normalizers made it. */
function contentOf(event: CanonicalEvent): string {
  const { messageId, type, event: name, timestamp, originalTimestamp } = event;
  const { identifiers, blocked, properties, traits, context, consent } = event;
  return canonicalJson({
    ...{ messageId, type, name, timestamp, identifiers: identifiers.map(({ type, value }) => [type, value]) },
    blocked: (blocked ?? []).map(({ type, value }) => [type, value]),
    ...{ originalTimestamp: originalTimestamp ?? null, properties, traits },
    ...{ context: context ?? null, consent: (consent ?? []).map(({ purpose, status }) => [purpose, status]) },
  });
}

/** Whether two mappings made the same of an item, in whatever order. */
export function sameEvents(a: readonly CanonicalEvent[], b: readonly CanonicalEvent[]): boolean {
  if (a.length !== b.length) return false;
  const contents = a.map(contentOf).sort();
  return b
    .map(contentOf)
    .sort()
    .every((content, at) => content === contents[at]);
}
