import type { JsonObject, JsonValue } from '../json.ts';

/**
 * One item as its source sent it, with what the gateway knows and the sender does not.
 * A batch is a list of these; an item's place in the list is part of its identity.
 */
export interface RawItem {
  /** The payload, untouched but for its parsing and for a write key, which is taken out. */
  readonly body: JsonValue;
  /** ISO 8601 UTC. */
  readonly receivedAt: string;
  /** The request's `sentAt`, where the envelope and not the item carried one. */
  readonly sentAt?: string;
  /**
   * Of a message that was refused: the context of the envelope that it came in, which it has not inherited. What is released
   * in its place does.
   */
  readonly context?: JsonObject;
  /** What the connection says of the sender; used where the message's context is silent. */
  readonly ip?: string;
  /** What a vendor's delivery says beside the body, such as its topic; mappings read it as `$delivery`. */
  readonly delivery?: JsonObject;
  /** Set where the gateway could not accept the item: it goes to quarantine and nowhere else. */
  readonly reject?: { readonly code: string; readonly detail: string };
  /** Where the item stood in its file; for imports. */
  readonly origin?: { readonly file: string; readonly row: number };
  /**
   * Where the item stood when it was first taken in; set on what is sent through again, so that an item that brings no
   * message id has the same one however often it is sent.
   */
  readonly place?: PlaceInBatch;
  /** Where it stood each time that it was sent through again before this one; absent the first time. */
  readonly sentAs?: readonly PlaceInBatch[];
}

/** Where an item stands: its batch, and its place in that. */
export interface PlaceInBatch {
  readonly batchId: string;
  readonly index: number;
}

/** A source's items are put in so many lanes, by whom they are of, since then. ISO 8601 UTC. */
export interface Spread {
  readonly lanes: number;
  readonly since: string;
}

/** What a batch is, without its items. */
export interface BatchHeader {
  /** Time-ordered, unique per tenant (ULID). */
  readonly batchId: string;
  readonly source: string;
  readonly lane: number;
  /** Name of the mapping (`name` or `name@version`) that turns items into canonical events. */
  readonly mapping: string;
  readonly items: number;
  readonly receivedAt: string;
  /** Epoch seconds after which message ids of this batch may be forgotten; absent for files, which are kept for good. */
  readonly dedupeUntil?: number;
  /** How its source was spread when it was taken in; absent where all went to one lane. */
  readonly spread?: Spread;
  /** The checks, `ENVELOPE_CHECKS`, that all items passed when they were taken in but those rejected; absent where they are still to be checked. */
  readonly checked?: number;
}

/** How far a lane is looked at: up to this batch, and with it. Ids of batches ascend. */
export interface LaneBound {
  readonly lane: number;
  readonly through: string;
}
