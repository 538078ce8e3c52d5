import type { Evidence, GraphNode } from '../../domain/identity/evidence.ts';
import type { FragmentId, Identifier } from '../../domain/identity/identifier.ts';
import { shownBy, type CanonicalEvent } from '../../domain/ingestion/event.ts';
import { compareStamps } from '../../domain/profile/stamp.ts';
import type { Stamp } from '../../domain/profile/state.ts';
import type { ReplayingState } from '../../storage/intake/mapping-replaying.ts';
import { createLru, type Lru } from '../../storage/lru.ts';

/**
 * Pairs that identity was told of by this process, with the earliest event it was told of: what need not be said again.
 * Forgetting a pair costs only the telling, for identity knows its evidence.
 */
export class KnownEvidence {
  readonly #stamps: Lru<Stamp>;
  readonly #replays = new Map<string, ReplayingState>();

  /** `max` pairs are kept, some 300 bytes each. */
  constructor(max: number) {
    this.#stamps = createLru({ max, ttlMs: Infinity, now: () => 0 });
  }

  /**
   * Hears whether items of a source are being mapped again: evidence that was told may then be taken back, so that all
   * is told anew until that is over, and nothing is taken as known from before.
   */
  follow(source: string, state: ReplayingState): void {
    const before = this.#replays.get(source);
    this.#replays.set(source, state);
    if (before !== undefined && before.runs !== state.runs) this.#stamps.clear();
  }

  /** True where the pair was told with this event or an older one. */
  has(pair: string, stamp: Stamp): boolean {
    if (this.#replays.get(stamp.source)?.isRunning === true) return false;
    const known = this.#stamps.get(pair);
    return known !== undefined && compareStamps(stamp, known) >= 0;
  }

  add(pair: string, stamp: Stamp): void {
    if (this.#replays.get(stamp.source)?.isRunning === true) return;
    this.#stamps.set(pair, stamp);
  }
}

/** Collects what a unit brings to identity: each node once, each pair of a source once with its earliest event. */
export class EvidenceCollector {
  readonly #nodes = new Map<FragmentId, GraphNode>();
  readonly #evidence = new Map<string, Evidence>();
  readonly #blocked = new Set<FragmentId>();
  readonly #address: (identifier: Identifier) => FragmentId;
  readonly #known: KnownEvidence;

  constructor(address: (identifier: Identifier) => FragmentId, known: KnownEvidence) {
    this.#address = address;
    this.#known = known;
  }

  /** Takes in an event of a fragment that has a profile: only what identity was not told yet counts. */
  add(event: CanonicalEvent): void {
    this.#pairs(event, false);
  }

  /** Takes in events of one fragment that may have no profile yet, or that identity may not have seen: all counts. */
  addAll(events: readonly CanonicalEvent[]): void {
    const strongest = events[0]?.identifiers[0];
    if (strongest !== undefined) this.#node(strongest);
    for (const event of events) this.#pairs(event, true);
  }

  /** Remembers what was collected; to be called once identity has taken it in. */
  settled(): void {
    for (const [pair, { firstSeen, source, messageId }] of this.#evidence)
      this.#known.add(pair, { at: firstSeen, source, messageId });
  }

  #node(identifier: Identifier): GraphNode {
    const fragment = this.#address(identifier);
    let node = this.#nodes.get(fragment);
    if (node === undefined) {
      node = { fragment, type: identifier.type };
      this.#nodes.set(fragment, node);
    }
    return node;
  }

  #pairs(event: CanonicalEvent, all: boolean): void {
    if (event.blocked === undefined && event.identifiers.length < 2) return;
    const [strongest, ...others] = shownBy(event);
    if (strongest === undefined || others.length === 0) return;
    const named = event.identifiers.length - 1;
    const one = this.#address(strongest);
    const stamp = { at: event.timestamp, source: event.source, messageId: event.messageId };
    for (const [index, other] of others.entries()) {
      const two = this.#address(other);
      if (one === two) continue;
      if (index >= named) this.#blocked.add(two);
      // Of each source its own: sources are not believed alike.
      const pair = `${one < two ? `${one} ${two}` : `${two} ${one}`} ${event.source}`;
      if (!all && this.#known.has(pair, stamp)) continue;
      const end = index < named ? this.#node(other) : { fragment: two, type: other.type };
      this.#add(pair, this.#node(strongest), end, stamp);
    }
  }

  #add(pair: string, x: GraphNode, y: GraphNode, stamp: Stamp): void {
    const [a, b] = x.fragment < y.fragment ? [x, y] : [y, x];
    const known = this.#evidence.get(pair);
    if (known !== undefined && compareStamps(stamp, { ...known, at: known.firstSeen }) >= 0) return;
    const { at: firstSeen, source, messageId } = stamp;
    this.#evidence.set(pair, { a, b, rule: 'same-event', firstSeen, source, messageId });
  }

  get nodes(): GraphNode[] {
    return [...this.#nodes.values()];
  }

  /** Fragments among the evidence whose values named nobody when their events came. */
  get blocked(): ReadonlySet<FragmentId> {
    return this.#blocked;
  }

  get evidence(): Evidence[] {
    return [...this.#evidence.values()];
  }
}
