import type { CanonicalEvent } from '../ingestion/event.ts';
import type { IdentifierContext } from './identifiers.ts';

/** What the mapping of an item answers: its events, or why there are none. Never both. */
export type Mapped =
  | { readonly ok: true; readonly events: CanonicalEvent[] }
  | { readonly ok: false; readonly code: string; readonly detail: string };

/** What a mapping knows besides the item. */
export interface MapContext extends IdentifierContext {
  readonly source: string;
  /** The message id of an item that brings none; the same on every try. */
  readonly fallbackMessageId: string;
  /** True where a message of the Segment spec has passed `checkEnvelope` already. */
  readonly isChecked?: boolean;
}
