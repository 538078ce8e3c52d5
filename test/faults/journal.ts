/**
 * What a client knows of its own sending: the only witness against which the platform is judged.
 * Good events and poison (items that can't be accepted) are kept apart.
 */
export interface Journal {
  /** Ids of events whose acknowledgement was seen. */
  readonly acknowledged: Set<string>;
  /** Ids of events sent, whether answered or not. */
  readonly sent: Set<string>;
  /** Ids of poison items whose acknowledgement was seen. */
  readonly poison: Set<string>;
  /** Items in answered requests, repeats included: at least these were received. */
  answeredItems: number;
  /** Items in requests that got no answer, or one that promises nothing: they may have been received. */
  unansweredItems: number;
  /** Answers by status; 0 where the connection broke. */
  readonly statuses: Map<number, number>;
}

/** A journal with nothing in it. */
export function emptyJournal(): Journal {
  return {
    ...{ acknowledged: new Set(), sent: new Set(), poison: new Set(), statuses: new Map() },
    ...{ answeredItems: 0, unansweredItems: 0 },
  };
}
