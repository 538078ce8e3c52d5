import type { CanonicalEvent, EventType } from '../ingestion/event.ts';
import type { JsonObject, JsonValue } from '../json.ts';
import { ownValue, setOwn } from '../record.ts';
import { ELEMENTS, elementsPath, memberPath } from './path.ts';

/** Kinds of JSON values, as bits: a field that was seen with several has several. */
export const KIND = {
  string: 1,
  integer: 2,
  number: 4,
  boolean: 8,
  null: 16,
  object: 32,
  array: 64,
} as const;

/** Levels of a message that are looked at, and fields of one event that are kept. */
const DEPTH_MAX = 5;
const FIELDS_MAX = 400;
/** Elements of a list that are looked at. */
const ELEMENTS_MAX = 10;

/** What was seen of one field. Names and counts, no values. */
export interface FieldShape {
  readonly kinds: number;
  /** Events that had it. */
  readonly count: number;
  /** Of receipt, ISO 8601 UTC. */
  readonly first: string;
  readonly last: string;
  /** Events of this name that came before the first that had it. */
  readonly after: number;
  /** Events of this name that came since the last that had it. */
  readonly missing: number;
}

/** What the events of one name from one source look like. */
export interface EventShape {
  readonly event: string;
  readonly type: EventType;
  readonly events: number;
  readonly first: string;
  readonly last: string;
  /** By path, such as `properties.products[].price`. */
  readonly fields: Readonly<Record<string, FieldShape>>;
}

interface Node {
  readonly path: string;
  kinds: number;
  count: number;
  first: string;
  last: string;
  after: number;
  /** The number of the event that had it last. */
  seenAt: number;
  children: Map<string, Node> | undefined;
}

/** Looks at the events of one name: a few look-ups a field. */
export class ShapeDraft {
  readonly #event: string;
  readonly #type: EventType;
  readonly #properties = new Map<string, Node>();
  readonly #traits = new Map<string, Node>();
  #events = 0;
  #fields = 0;
  #first = '';
  #last = '';

  constructor(event: string, type: EventType) {
    this.#event = event;
    this.#type = type;
  }

  add({ properties, traits, receivedAt }: CanonicalEvent): void {
    this.#events += 1;
    if (this.#first === '' || receivedAt < this.#first) this.#first = receivedAt;
    if (receivedAt > this.#last) this.#last = receivedAt;
    this.#object(this.#properties, 'properties', properties, receivedAt, 1);
    this.#object(this.#traits, 'traits', traits, receivedAt, 1);
  }

  #object(into: Map<string, Node>, path: string, object: JsonObject, at: string, depth: number): void {
    for (const key in object) {
      if (!Object.hasOwn(object, key)) continue;
      let node = into.get(key);
      if (node === undefined) {
        if (this.#fields === FIELDS_MAX) continue;
        this.#fields += 1;
        node = this.#node(memberPath(path, key), at);
        into.set(key, node);
      }
      this.#value(node, object[key] ?? null, at, depth);
    }
  }

  #node(path: string, at: string): Node {
    const after = this.#events - 1;
    return { path, kinds: 0, count: 0, first: at, last: at, after, seenAt: 0, children: undefined };
  }

  #value(node: Node, value: JsonValue, at: string, depth: number): void {
    node.kinds |= kindOf(value);
    if (node.seenAt !== this.#events) {
      node.seenAt = this.#events;
      node.count += 1;
      if (at > node.last) node.last = at;
      else if (at < node.first) node.first = at;
    }
    if (typeof value !== 'object' || value === null || depth >= DEPTH_MAX) return;
    node.children ??= new Map();
    if (!Array.isArray(value)) {
      this.#object(node.children, node.path, value, at, depth + 1);
      return;
    }
    let element = node.children.get(ELEMENTS);
    if (element === undefined && value.length > 0 && this.#fields < FIELDS_MAX) {
      this.#fields += 1;
      element = this.#node(elementsPath(node.path), at);
      node.children.set(ELEMENTS, element);
    }
    if (element === undefined) return;
    for (let i = 0; i < value.length && i < ELEMENTS_MAX; i += 1)
      this.#value(element, value[i] ?? null, at, depth + 1);
  }

  /** What was seen so far. */
  finish(): EventShape {
    const fields: Record<string, FieldShape> = {};
    const visit = (nodes: Map<string, Node>): void => {
      for (const { path, kinds, count, first, last, after, seenAt, children } of nodes.values()) {
        setOwn(fields, path, { kinds, count, first, last, after, missing: this.#events - seenAt });
        if (children !== undefined) visit(children);
      }
    };
    visit(this.#properties);
    visit(this.#traits);
    return {
      event: this.#event,
      type: this.#type,
      events: this.#events,
      first: this.#first,
      last: this.#last,
      fields,
    };
  }
}

function kindOf(value: JsonValue): number {
  switch (typeof value) {
    case 'string':
      return KIND.string;
    case 'number':
      return Number.isInteger(value) ? KIND.integer : KIND.number;
    case 'boolean':
      return KIND.boolean;
    default:
      return value === null ? KIND.null : Array.isArray(value) ? KIND.array : KIND.object;
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
