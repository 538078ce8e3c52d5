import type { GraphNode, IdentityRules } from '../../domain/identity/evidence.ts';
import { isBlocked } from '../../domain/identity/rules.ts';
import type { FragmentId } from '../../domain/identity/identifier.ts';
import { shownBy, type CanonicalEvent } from '../../domain/ingestion/event.ts';
import { NO_REPLAY_COUNTS, type MappingReplayCounts } from '../../domain/mapping/replay.ts';
import type { QuarantineReason } from '../../storage/intake/types.ts';
import type { ClaimRef, StoredEvent, SupersededItem } from '../../storage/log/types.ts';
import type { TenantStore } from '../../storage/tenant.types.ts';
import type { Verdict } from '../ingest/classify.ts';
import { CONFLICT } from '../ingest/outcome.ts';
import type { UnitItem } from '../ingest/types.ts';
import type { StoredItem } from './stored-items.ts';
import type { Pair, SlicePlan } from './types.ts';

interface DraftCorrection {
  readonly node: GraphNode;
  readonly supersedes: SupersededItem[];
  readonly events: StoredEvent[];
}

/** Collects what a slice is to do. */
export class SliceDraft {
  readonly #store: Pick<TenantStore, 'log'>;
  readonly #source: string;
  readonly #corrections = new Map<FragmentId, DraftCorrection>();
  readonly #rules: IdentityRules;
  readonly #pairs = new Map<string, Pair>();
  readonly #blocked = new Set<FragmentId>();
  readonly #forget: ClaimRef[] = [];
  readonly #quarantine: SlicePlan['quarantine'][number][] = [];
  readonly #duplicates: SlicePlan['duplicates'][number][] = [];
  readonly #counts: { -readonly [K in keyof MappingReplayCounts]: number } = { ...NO_REPLAY_COUNTS };
  #events = 0;
  readonly #now = new Date().toISOString();

  constructor(store: Pick<TenantStore, 'log'>, source: string, rules: IdentityRules) {
    this.#store = store;
    this.#rules = rules;
    this.#source = source;
  }

  count(what: keyof MappingReplayCounts, by = 1): void {
    this.#counts[what] += by;
  }

  /** The item's events become these. */
  replace(item: UnitItem, stored: StoredItem, events: readonly CanonicalEvent[]): void {
    this.count('corrected');
    const before = new Set(stored.live.map(({ fragment }) => fragment));
    const after = this.#take(item, stored, events, false);
    if (before.size !== after.size || [...after].some((fragment) => !before.has(fragment)))
      this.count('moved');
  }

  /** The item has no events any more: it waits in quarantine, or is a duplicate of another. */
  turnAway(item: UnitItem, stored: StoredItem, verdict: Exclude<Verdict, { kind: 'stored' }>): void {
    this.#take(item, stored, [], true);
    const { header, index } = item;
    const { batchId } = header;
    const messageIds = new Set([...stored.messageIds, ...item.events.map(({ messageId }) => messageId)]);
    // Sent again, or released, it is not to be taken for a duplicate of itself.
    for (const messageId of messageIds)
      this.#forget.push({ source: this.#source, messageId, batchId, index });
    const [messageId] = [...item.events.map((event) => event.messageId), ...stored.messageIds];
    if (verdict.kind === 'duplicate') {
      this.count('duplicates');
      const { receivedAt } = item.item;
      const entry = { source: this.#source, messageId: messageId ?? '', batchId, index, receivedAt };
      this.#duplicates.push({ ...entry, first: verdict.first });
      return;
    }
    this.count('refused');
    this.#hold(item, messageId, verdict.kind === 'conflict' ? CONFLICT : (item.refused ?? CONFLICT));
  }

  finish(): SlicePlan {
    const { refused, duplicates } = this.#counts;
    return {
      corrections: [...this.#corrections.values()],
      pairs: [...this.#pairs.values()],
      blocked: [...this.#blocked],
      forget: this.#forget,
      quarantine: this.#quarantine,
      duplicates: this.#duplicates,
      counts: this.#counts,
      change: {
        source: this.#source,
        stored: -refused - duplicates,
        duplicates,
        quarantined: refused,
        events: this.#events,
      },
    };
  }

  #hold({ header, index, item }: UnitItem, messageId: string | undefined, reason: QuarantineReason): void {
    this.#quarantine.push({
      ...{ id: `${header.batchId}-${index}`, source: this.#source, lane: header.lane },
      ...{ batchId: header.batchId, index, reason, quarantinedAt: this.#now, status: 'held' as const },
      ...(messageId === undefined ? {} : { messageId }),
      ...(item.origin === undefined ? {} : { origin: item.origin }),
    });
  }

  /** Takes the item's events in force back, and brings others; answers the fragments that these are on. */
  #take(
    { header: { batchId }, index }: UnitItem,
    stored: StoredItem,
    events: readonly CanonicalEvent[],
    turnedAway: boolean,
  ): Set<FragmentId> {
    for (const fragment of new Set(stored.live.map((live) => live.fragment))) {
      const event = stored.live.find((live) => live.fragment === fragment)?.event;
      if (event !== undefined) this.#correctionOf(event).supersedes.push({ batchId, index, turnedAway });
    }
    for (const { event } of stored.live) this.#addPairs(event);
    const after = new Set<FragmentId>();
    for (const event of events) {
      const correction = this.#correctionOf(event);
      correction.events.push({ ...event, batchId, index });
      after.add(correction.node.fragment);
      this.#addPairs(event);
    }
    this.#events += events.length - stored.live.length;
    return after;
  }

  #nodeOf(identifier: CanonicalEvent['identifiers'][number]): GraphNode {
    return { fragment: this.#store.log.address(identifier), type: identifier.type };
  }

  #correctionOf({ identifiers }: CanonicalEvent): DraftCorrection {
    const [strongest] = identifiers;
    if (strongest === undefined) throw new TypeError('an event without an identifier reached the log');
    const node = this.#nodeOf(strongest);
    const known = this.#corrections.get(node.fragment) ?? { node, supersedes: [], events: [] };
    this.#corrections.set(node.fragment, known);
    return known;
  }

  #addPairs(event: CanonicalEvent): void {
    const shown = shownBy(event);
    const [strongest, ...others] = shown.map((identifier) => this.#nodeOf(identifier));
    for (const identifier of shown)
      if (isBlocked(identifier, this.#rules)) this.#blocked.add(this.#store.log.address(identifier));
    if (strongest === undefined) return;
    for (const other of others) {
      if (other.fragment === strongest.fragment) continue;
      const [a, b] = strongest.fragment < other.fragment ? [strongest, other] : [other, strongest];
      this.#pairs.set(`${a.fragment} ${b.fragment}`, [a, b]);
    }
  }
}
