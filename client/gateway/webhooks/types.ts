import type { IncomingHttpHeaders } from 'node:http';
import type { JsonObject, JsonValue } from '../../../domain/json.ts';

/** One request of a vendor, as it came. */
export interface WebhookCall {
  readonly method: string;
  /** The address as its sender wrote it: as configured, else as this gateway was reached. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly query: URLSearchParams;
  /** Untouched: signatures are over these bytes. */
  readonly body: Buffer;
  readonly nowMs: number;
}

/** What the source knows of its vendor. Several secrets are in force while one is rotated. */
export interface Credentials {
  readonly secrets: readonly string[];
  readonly settings: Readonly<Record<string, string>>;
}

/** Why a request is turned away; label of the count of refusals. */
export type Refusal = 'no-signature' | 'wrong-signature' | 'stale' | 'replayed' | 'wrong-sender';

/** A request's standing: its vendor's, with what tells this delivery from every other, or refused. */
export type Verdict =
  | { readonly ok: true; readonly signed: readonly (string | Buffer)[] }
  | { readonly ok: false; readonly reason: Refusal };

/** One record that a delivery brings. */
export interface Incoming {
  readonly body: JsonValue;
  /** What is said beside it; mappings read it as `$delivery`. */
  readonly delivery?: JsonObject;
}

/** What a delivery brings. */
export interface Delivery {
  readonly items: readonly Incoming[];
  /** Records that are still to be fetched from the vendor. */
  readonly followUps?: readonly { readonly id: string; readonly facts: Readonly<Record<string, string>> }[];
}

/** A body to answer with, where the vendor wants another than ours. */
export interface Reply {
  readonly type: string;
  readonly body: string;
}

/** How one vendor's webhooks are checked and read. */
export interface VendorWebhook {
  verify(call: WebhookCall, credentials: Credentials): Verdict | Promise<Verdict>;
  /** The records of a delivery that was verified. Throws `ProblemError` 400 for what is not the vendor's shape. */
  read(call: WebhookCall): Delivery | Promise<Delivery>;
  readonly reply?: (call: WebhookCall) => Reply;
  /** Answers the vendor's test that this address is the customer's; undefined where the test is failed. */
  readonly challenge?: (call: WebhookCall, credentials: Credentials) => Reply | undefined;
}
