import { asObject } from '../../domain/ingestion/consent.ts';
import type { CanonicalEvent } from '../../domain/ingestion/event.ts';
import { PayloadDraft } from '../../domain/quality/payload.ts';
import { ShapeDraft } from '../../domain/quality/shape.ts';
import type { QualityDelta, ViolationCount } from '../../storage/quality/types.ts';
import type { Part } from './bisect.ts';
import type { IngestDeps, UnitItem } from './types.ts';
import type { Written } from './write-unit.ts';

/** What was seen is told to the store at least so often while there is work, in milliseconds. */
const FLUSH_MS = 5_000;
/** Portions that the store did not take and that are kept for later. */
const UNSENT_MAX = 10;
/** Names of events, and ways to break a plan, that one portion holds: senders may make up more. */
const SHAPES_MAX = 500;
const VIOLATIONS_MAX = 1_000;

interface Seen {
  readonly shapes: Map<string, ShapeDraft>;
  readonly payloads: Map<string, PayloadDraft>;
  readonly violations: Map<string, ViolationCount>;
  /** When the first of it was seen. */
  readonly since: number;
}

const nothing = (): Seen => ({
  shapes: new Map(),
  payloads: new Map(),
  violations: new Map(),
  since: performance.now(),
});

/**
 * Notes what the events and payloads of each source look like and how they break their plan, in memory, and tells the store every few
 * seconds and when a lane is empty. What is lost with a process is a few seconds of counts, and never an event.
 */
export class Quality {
  readonly #deps: Pick<IngestDeps, 'store' | 'observer'>;
  readonly #seen = new Map<string, Seen>();
  readonly #unsent = new Map<string, QualityDelta[]>();

  constructor(deps: Pick<IngestDeps, 'store' | 'observer'>) {
    this.#deps = deps;
  }

  /** Takes note of what became of a unit's items. */
  note(source: string, parts: readonly Part<UnitItem, Written>[]): void {
    const seen = this.#of(source);
    for (const part of parts) {
      if (part.kind === 'poison') continue;
      for (const [position, item] of part.items.entries()) {
        const verdict = part.result.verdicts[position]?.kind;
        if (verdict === 'duplicate') continue;
        if (item.judged !== undefined) this.#violations(seen, item);
        if (verdict !== 'stored') continue;
        for (const event of item.events) draftOf(seen.shapes, ShapeDraft, event)?.add(event);
        payloadOf(seen, item);
      }
    }
  }

  #of(source: string): Seen {
    let seen = this.#seen.get(source);
    if (seen === undefined) {
      seen = nothing();
      this.#seen.set(source, seen);
    }
    return seen;
  }

  #violations({ violations }: Seen, { header, index, item, judged }: UnitItem): void {
    if (judged === undefined) return;
    const { plan, mode } = judged;
    this.#deps.observer.violations(header.source, mode, judged.violations.length);
    const { lane, batchId } = header;
    for (const violation of judged.violations) {
      const key = `${violation.event}\n${violation.path}\n${violation.rule}`;
      const known = violations.get(key);
      if (known === undefined && violations.size === VIOLATIONS_MAX) continue;
      const first = known === undefined || item.receivedAt < known.first ? item.receivedAt : known.first;
      const last = known !== undefined && item.receivedAt < known.last ? known.last : item.receivedAt;
      const count = (known?.count ?? 0) + 1;
      violations.set(key, {
        ...violation,
        plan,
        mode,
        count,
        first,
        last,
        example: { lane, batchId, index },
      });
    }
  }

  /** Tells the store what was seen of a source, where that is due. */
  async flushDue(source: string): Promise<void> {
    const since = this.#seen.get(source)?.since;
    if (since !== undefined && performance.now() - since >= FLUSH_MS) await this.flush(source);
  }

  /** Tells the store what was seen of a source. Never throws: what can't be told now is told later. */
  async flush(source: string): Promise<void> {
    const { shapes, payloads, violations } = this.#seen.get(source) ?? nothing();
    this.#seen.delete(source);
    const unsent = this.#unsent.get(source) ?? [];
    this.#unsent.delete(source);
    if (shapes.size > 0 || violations.size > 0)
      unsent.push({
        shapes: [...shapes.values()].map((draft) => draft.finish()),
        payloads: [...payloads.values()].map((draft) => draft.finish()),
        violations: [...violations.values()],
      });
    for (const [position, delta] of unsent.entries()) {
      try {
        await this.#deps.store.quality.add(source, delta);
      } catch {
        this.#deps.observer.waiting(source, 'quality');
        this.#unsent.set(
          source,
          [...unsent.slice(position), ...(this.#unsent.get(source) ?? [])].slice(-UNSENT_MAX),
        );
        return;
      }
    }
  }
}

/** Looks at an item as its vendor sent it, where its mapping takes but a part of that. */
function payloadOf({ payloads }: Seen, { item, events: [first], isPartlyMapped }: UnitItem): void {
  const body = asObject(item.body);
  if (isPartlyMapped !== true || first === undefined || body === undefined) return;
  draftOf(payloads, PayloadDraft, first)?.add(body, item.receivedAt);
}

function draftOf<T>(
  drafts: Map<string, T>,
  Draft: new (event: string, type: CanonicalEvent['type']) => T,
  { event, type }: CanonicalEvent,
): T | undefined {
  let draft = drafts.get(event);
  if (draft === undefined && drafts.size < SHAPES_MAX) drafts.set(event, (draft = new Draft(event, type)));
  return draft;
}
