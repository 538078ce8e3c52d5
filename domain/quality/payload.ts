import type { EventType } from '../ingestion/event.ts';
import type { JsonObject } from '../json.ts';
import { FieldTree } from './field-tree.ts';
import type { EventShape } from './shape.ts';

/** The record itself in a path, as mappings write it. */
const RECORD = '$';
/** Stands for every member whose name is data: such objects are lists by another name. */
const ANY_MEMBER = '*';
/** Names that are ids, dates, addresses or texts. They would be new for ever, and may say who somebody is. */
const DATA_NAME = /^\d|@|\d{5}|:\/\/|^(?=.*\d)[\da-f-]{8,}$|^.{65}/i;

/** So many payloads of a draft are all looked at; of those after them, one in `ONE_IN`. */
const ALL_OF = 64;
const ONE_IN = 16;

/**
 * Looks at raw payloads of one kind, as they came, to tell of fields that no mapping takes yet. A kind is what the
 * payloads become: the name of their first event. Where many come in a short time a sample of them is looked at, so that
 * counts are of what was looked at.
 */
export class PayloadDraft {
  readonly #event: string;
  readonly #type: EventType;
  readonly #tree = new FieldTree((name) => (DATA_NAME.test(name) ? ANY_MEMBER : name));
  #came = 0;

  constructor(event: string, type: EventType) {
    this.#event = event;
    this.#type = type;
  }

  /** `receivedAt` is ISO 8601 UTC. */
  add(payload: JsonObject, receivedAt: string): void {
    this.#came += 1;
    if (this.#came > ALL_OF && this.#came % ONE_IN !== 0) return;
    this.#tree.begin(receivedAt);
    this.#tree.look(RECORD, payload, receivedAt);
  }

  /** What was seen so far; paths begin with `$`. */
  finish(): EventShape {
    return { event: this.#event, type: this.#type, ...this.#tree.finish() };
  }
}
