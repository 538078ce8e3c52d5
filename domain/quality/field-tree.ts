import type { JsonObject, JsonValue } from '../json.ts';
import { setOwn } from '../record.ts';
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

/** Fields of one tree that are kept. */
export const FIELDS_MAX = 400;
/** Levels of a message that are looked at. */
const DEPTH_MAX = 5;
/** Elements of a list that are looked at. */
const ELEMENTS_MAX = 10;

/** What was seen of one field. Names and counts, no values. */
export interface FieldShape {
  readonly kinds: number;
  /** Messages that had it. */
  readonly count: number;
  /** Of receipt, ISO 8601 UTC. */
  readonly first: string;
  readonly last: string;
  /** Messages that came before the first that had it. */
  readonly after: number;
  /** Messages that came since the last that had it. */
  readonly missing: number;
}

/** How many messages were looked at, and the fields that they had. */
export interface TreeShape {
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
  /** The number of the message that had it last. */
  seenAt: number;
  children: Map<string, Node> | undefined;
}

/** Notes the fields of JSON objects that are alike: a few look-ups a field. */
export class FieldTree {
  readonly #nameOf: ((key: string) => string) | undefined;
  readonly #roots = new Map<string, Map<string, Node>>();
  #events = 0;
  #fields = 0;
  #first = '';
  #last = '';

  /** `nameOf` says under which name a member is noted; as it stands where silent. */
  constructor(nameOf?: (key: string) => string) {
    this.#nameOf = nameOf;
  }

  /** A message begins; `look` is of this one from now on. `receivedAt` is ISO 8601 UTC. */
  begin(receivedAt: string): void {
    this.#events += 1;
    if (this.#first === '' || receivedAt < this.#first) this.#first = receivedAt;
    if (receivedAt > this.#last) this.#last = receivedAt;
  }

  /** Notes the fields of a part of the message, under the name of that part. */
  look(root: string, object: JsonObject, receivedAt: string): void {
    let into = this.#roots.get(root);
    if (into === undefined) {
      into = new Map<string, Node>();
      this.#roots.set(root, into);
    }
    this.#object(into, root, object, receivedAt, 1);
  }

  #object(into: Map<string, Node>, path: string, object: JsonObject, at: string, depth: number): void {
    for (const key in object) {
      if (!Object.hasOwn(object, key)) continue;
      const name = this.#nameOf === undefined ? key : this.#nameOf(key);
      let node = into.get(name);
      if (node === undefined) {
        if (this.#fields === FIELDS_MAX) continue;
        this.#fields += 1;
        node = this.#node(memberPath(path, name), at);
        into.set(name, node);
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
  finish(): TreeShape {
    const fields: Record<string, FieldShape> = {};
    const visit = (nodes: Map<string, Node>): void => {
      for (const { path, kinds, count, first, last, after, seenAt, children } of nodes.values()) {
        setOwn(fields, path, { kinds, count, first, last, after, missing: this.#events - seenAt });
        if (children !== undefined) visit(children);
      }
    };
    for (const nodes of this.#roots.values()) visit(nodes);
    return { events: this.#events, first: this.#first, last: this.#last, fields };
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
