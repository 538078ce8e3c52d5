import type { CanonicalEvent, EventType } from '../ingestion/event.ts';
import { ownValue, setOwn } from '../record.ts';
import { FIELDS_MAX, FieldTree, type FieldShape, type TreeShape } from './field-tree.ts';

/** What the events of one name from one source look like, or the payloads that such events are made of. */
export interface EventShape extends TreeShape {
  readonly event: string;
  readonly type: EventType;
}

/** Looks at the events of one name. */
export class ShapeDraft {
  readonly #event: string;
  readonly #type: EventType;
  readonly #tree = new FieldTree();

  constructor(event: string, type: EventType) {
    this.#event = event;
    this.#type = type;
  }

  add({ properties, traits, receivedAt }: CanonicalEvent): void {
    this.#tree.begin(receivedAt);
    this.#tree.look('properties', properties, receivedAt);
    this.#tree.look('traits', traits, receivedAt);
  }

  /** What was seen so far. */
  finish(): EventShape {
    return { event: this.#event, type: this.#type, ...this.#tree.finish() };
  }
}

/** What was seen before and after, together. Associative; the order says what came first. */
export function joinShapes(before: EventShape, after: EventShape): EventShape {
  const fields: Record<string, FieldShape> = {};
  let kept = 0;
  for (const path of [...Object.keys(before.fields), ...Object.keys(after.fields)]) {
    if (Object.hasOwn(fields, path)) continue;
    const a = ownValue(before.fields, path);
    const b = ownValue(after.fields, path);
    if (a === undefined && kept >= FIELDS_MAX) continue;
    kept += 1;
    const joined = joinFields(a, b, before.events, after.events);
    if (joined !== undefined) setOwn(fields, path, joined);
  }
  return {
    event: before.event,
    type: before.type,
    events: before.events + after.events,
    first: before.first < after.first ? before.first : after.first,
    last: before.last > after.last ? before.last : after.last,
    fields,
  };
}

function joinFields(
  a: FieldShape | undefined,
  b: FieldShape | undefined,
  eventsBefore: number,
  eventsAfter: number,
): FieldShape | undefined {
  if (a === undefined) return b === undefined ? undefined : { ...b, after: eventsBefore + b.after };
  if (b === undefined) return { ...a, missing: a.missing + eventsAfter };
  return {
    kinds: a.kinds | b.kinds,
    count: a.count + b.count,
    first: a.first < b.first ? a.first : b.first,
    last: a.last > b.last ? a.last : b.last,
    after: a.after,
    missing: b.missing,
  };
}
