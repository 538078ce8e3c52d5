import type { FragmentId } from '../../domain/identity/identifier.ts';
import type { CanonicalEvent } from '../../domain/ingestion/event.ts';
import type {
  AppendEvent,
  AppendRequest,
  AppendResult,
  FragmentTip,
  MessageEntry,
} from '../../storage/log/types.ts';
import type { ProfileId } from '../../domain/identity/identifier.ts';
import type { TenantStore } from '../../storage/tenant.types.ts';
import { classify, type Verdict } from './classify.ts';
import { EvidenceCollector } from './evidence.ts';
import { sleep } from './pause.ts';
import type { IngestContext, UnitItem } from './types.ts';

/** After so many rounds of losing to other writers, rounds are spread out in time. */
const PATIENT_AFTER_ROUNDS = 3;
const ROUND_WAIT_MAX_MS = 200;

/** What became of some items of a unit. */
export interface Written {
  /** In the order of the items. */
  readonly verdicts: readonly Verdict[];
  readonly minted: readonly ProfileId[];
  readonly mergedAway: readonly ProfileId[];
  /** True where events were found that an earlier try had appended. */
  readonly resumed: boolean;
}

/** What the attempts at writing a unit share. */
export interface WritingRun {
  /** Names the run in the profiles' decisions. */
  readonly cause: string;
  readonly signal: AbortSignal;
  /** Collects the batch of the first commit of each fragment that the items may have begun, also where an attempt fails after it. */
  readonly bornIn: Map<FragmentId, string>;
}

/** An event on another fragment than the first of its item, `after`, which decides for the item and so has to be in before. */
interface Waiting {
  readonly claim: AppendEvent;
  readonly after: string;
}

/** What a round is to append. */
interface ToAppend {
  readonly groups: Map<FragmentId, AppendEvent[]>;
  readonly waiting: readonly Waiting[];
}

/** What became of requests; `lost` are the events of those that lost against another writer. */
interface Appended {
  readonly requests: readonly AppendRequest[];
  readonly results: readonly AppendResult[];
  readonly lost: readonly CanonicalEvent[];
}

/** What writing needs of the pumps' context. */
export type WritingContext = Pick<IngestContext, 'store' | 'known' | 'novelty'>;

/**
 * A message is known for so long after it was stored, however long its batch had waited until then: a claim that has ended as it is
 * written would let a unit that is tried again store its events twice.
 */
const CLAIM_LEAST_SECONDS = 30 * 24 * 3_600;

/** One attempt at writing items to the log and to identity. */
class Writing {
  readonly #context: WritingContext;
  readonly #store: TenantStore;
  readonly #items: readonly UnitItem[];
  readonly #source: string;
  readonly #known = new Map<string, MessageEntry>();
  readonly #tips = new Map<FragmentId, FragmentTip>();
  readonly #run: WritingRun;
  readonly #settled = new Set<string>();
  readonly #collector: EvidenceCollector;
  readonly #leastUntil = Math.floor(Date.now() / 1_000) + CLAIM_LEAST_SECONDS;
  #resumed = false;
  #foundKnown = false;

  constructor(context: WritingContext, items: readonly UnitItem[], run: WritingRun) {
    const { store, known } = context;
    this.#context = context;
    this.#run = run;
    this.#store = store;
    this.#items = items;
    this.#source = items[0]?.header.source ?? '';
    this.#collector = new EvidenceCollector((identifier) => store.log.address(identifier), known);
  }

  async run(): Promise<Written> {
    const { cause, signal } = this.#run;
    const { novelty } = this.#context;
    const lane = this.#items[0]?.header.lane ?? 0;
    if (!novelty.take(this.#source, lane)) await this.#lookUp(this.#items.flatMap(({ events }) => events));
    let verdicts: Verdict[];
    for (let round = 0; ; round += 1) {
      verdicts = classify(this.#items, this.#known);
      const toAppend = this.#group(verdicts);
      await this.#settleKept(verdicts);
      const lost = await this.#appendAll(toAppend);
      if (lost.length === 0) break;
      if (round >= PATIENT_AFTER_ROUNDS)
        await sleep(Math.random() * Math.min(5 * 2 ** round, ROUND_WAIT_MAX_MS), signal);
      await this.#lookUp(lost);
    }
    const { nodes, evidence, blocked } = this.#collector;
    const identity =
      nodes.length === 0 && evidence.length === 0
        ? undefined
        : await this.#store.directory.resolve({ nodes, evidence, blocked }, cause);
    this.#collector.settled();
    novelty.seen(this.#source, lane, !this.#foundKnown);
    return {
      // What was appended above is in the index by now; the last round's verdicts say the same of every item.
      verdicts,
      minted: identity?.minted ?? [],
      mergedAway: identity?.mergedAway ?? [],
      resumed: this.#resumed,
    };
  }

  async #lookUp(events: readonly CanonicalEvent[]): Promise<void> {
    if (events.length === 0) return;
    const ids = [...new Set(events.map((event) => event.messageId))];
    const source = this.#source;
    const entries = await this.#store.log.lookup(ids.map((messageId) => ({ source, messageId })));
    for (const [position, messageId] of ids.entries()) {
      const entry = entries[position];
      if (entry === undefined) continue;
      this.#known.set(messageId, entry);
      this.#foundKnown = true;
    }
  }

  /** Events by fragment: what is to be appended, and what waits for that. */
  #group(verdicts: readonly Verdict[]): ToAppend {
    const groups = new Map<FragmentId, AppendEvent[]>();
    const waiting: Waiting[] = [];
    for (const [position, item] of this.#items.entries()) {
      const verdict = verdicts[position];
      if (verdict?.kind !== 'stored') continue;
      const { fresh } = verdict;
      const first = fresh.length > 1 && fresh[0] === item.events[0] ? fresh[0] : undefined;
      const home = first && this.fragmentOf(first);
      for (const event of fresh) {
        const fragment = this.fragmentOf(event);
        const claim = claimOf(item, event, this.#leastUntil);
        // On the first one's fragment none is in without it: a fragment's commits are written in order.
        if (first === undefined || fragment === home) addTo(groups, fragment, claim);
        else waiting.push({ claim, after: first.messageId });
      }
    }
    return { groups, waiting };
  }

  fragmentOf(event: CanonicalEvent): FragmentId {
    const [strongest] = event.identifiers;
    if (strongest === undefined) throw new TypeError('an event without an identifier reached the log');
    return this.#store.log.address(strongest);
  }

  async #findTips(fragments: readonly FragmentId[]): Promise<void> {
    const missing = fragments.filter((fragment) => !this.#tips.has(fragment));
    if (missing.length === 0) return;
    for (const tip of await this.#store.log.tips(missing)) this.#tips.set(tip.fragment, tip);
  }

  /**
   * Events that an earlier try appended: identity may not have seen them, so all they say is said again, and their
   * fragments' beginnings are looked up, since that try may have made them.
   */
  async #settleKept(verdicts: readonly Verdict[]): Promise<void> {
    const fragments = new Set<FragmentId>();
    for (const verdict of verdicts) {
      if (verdict.kind !== 'stored') continue;
      for (const event of verdict.kept) {
        if (this.#settled.has(event.messageId)) continue;
        this.#settled.add(event.messageId);
        this.#collector.addAll([event]);
        fragments.add(this.fragmentOf(event));
      }
    }
    if (fragments.size === 0) return;
    this.#resumed = true;
    for (const { fragment, bornIn } of await this.#store.log.load([...fragments]))
      if (bornIn !== null) this.#run.bornIn.set(fragment, bornIn);
  }

  /** Appends every group, then what waited for it; answers the events that lost against another writer, to be judged again. */
  async #appendAll({ groups, waiting }: ToAppend): Promise<readonly CanonicalEvent[]> {
    const first = await this.#append(groups);
    const done = [first];
    if (waiting.length > 0) {
      const out = new Set(first.lost.map(({ messageId }) => messageId));
      const ready = new Map<FragmentId, AppendEvent[]>();
      for (const { claim, after } of waiting)
        if (!out.has(after)) addTo(ready, this.fragmentOf(claim.event), claim);
      done.push(await this.#append(ready));
    }
    const lost = done.flatMap((appended) => appended.lost);
    // Only those that are judged again need to be told from what is in by now.
    if (lost.length > 0) for (const { requests, results } of done) this.#remember(requests, results);
    return lost;
  }

  async #append(groups: ReadonlyMap<FragmentId, AppendEvent[]>): Promise<Appended> {
    await this.#findTips([...groups.keys()]);
    const requests: AppendRequest[] = [];
    for (const [fragment, events] of groups) {
      const tip = this.#tips.get(fragment);
      if (tip !== undefined) requests.push({ tip, events });
    }
    if (requests.length === 0) return { requests, results: [], lost: [] };
    const results = await this.#store.log.append(requests);
    // Asked after the append: a replay that has not begun by now finds these events.
    this.#context.known.follow(this.#source, await this.#store.mappingReplays.replaying(this.#source));
    const lost: CanonicalEvent[] = [];
    for (const [position, { tip, events }] of requests.entries()) {
      const result = results[position];
      if (result?.status === 'appended') {
        this.#tips.set(tip.fragment, result.tip);
        this.#appended(events, tip);
      } else {
        this.#tips.delete(tip.fragment);
        for (const { event } of events) lost.push(event);
      }
    }
    return { requests, results, lost };
  }

  #appended(events: readonly AppendEvent[], { fragment, version, tail }: FragmentTip): void {
    const isFirst = version === 0 || tail.isEmpty === true;
    const [first] = events;
    if (isFirst && first !== undefined) this.#run.bornIn.set(fragment, first.batchId);
    if (isFirst) this.#collector.addAll(events.map(({ event }) => event));
    else for (const { event } of events) this.#collector.add(event);
  }

  #remember(requests: readonly AppendRequest[], results: readonly AppendResult[]): void {
    for (const [position, { events }] of requests.entries()) {
      if (results[position]?.status !== 'appended') continue;
      for (const claim of events) {
        this.#known.set(claim.event.messageId, claim);
        this.#settled.add(claim.event.messageId);
      }
    }
  }
}

function addTo(groups: Map<FragmentId, AppendEvent[]>, fragment: FragmentId, claim: AppendEvent): void {
  const group = groups.get(fragment);
  if (group === undefined) groups.set(fragment, [claim]);
  else group.push(claim);
}

/** An event of an item, to be appended. Its message is known until the batch says, and no less than until `least`, in epoch seconds. */
export function claimOf(
  { header, index, digest }: UnitItem,
  event: CanonicalEvent,
  least: number,
): AppendEvent {
  const { batchId } = header;
  const dedupeUntil =
    header.dedupeUntil !== undefined && header.dedupeUntil < least ? least : header.dedupeUntil;
  // Written out: V8 gives each object that is spread and added to a shape of its own, and looks all of its fields up anew.
  return dedupeUntil === undefined
    ? { event, batchId, index, digest }
    : { event, batchId, index, digest, dedupeUntil };
}

/**
 * Writes items: looks up their messages where some may be known, appends what is new, and tells identity. Any step may fail and the
 * whole be run again: it ends in the same state with the same answer.
 */
export function writeItems(
  context: WritingContext,
  items: readonly UnitItem[],
  run: WritingRun,
): Promise<Written> {
  return new Writing(context, items, run).run();
}
