import { isDeeperThan } from '../../../domain/ingestion/depth.ts';
import { ENVELOPE_CHECKS } from '../../../domain/ingestion/envelope.ts';
import { DEPTH_MAX } from '../../../domain/ingestion/limits.ts';
import type { JsonObject, JsonValue } from '../../../domain/json.ts';
import type { SourceConfig } from '../../../storage/registry/types.ts';
import type { GatewayMetrics } from '../metrics.ts';
import { ProblemError } from '../problem.ts';
import type { WriteKeys } from '../write-keys.ts';
import type { ParsedBody } from './body.ts';
import { bodyCredentials } from './credentials.ts';
import type { Credentials } from './credentials.ts';
import { listElements, wholeElement } from './elements.ts';
import type { Element } from './elements.ts';
import { INHERITED_CHARS_MAX, MESSAGES_MAX } from './limits.ts';
import type { LineStore } from './line-store.ts';
import { prepare } from './prepare.ts';
import type { RefusedItem, RequestFacts } from './prepare.ts';

/** A clock's text is short; anything longer in `sentAt` is no time. */
const SENT_AT_CHARS_MAX = 64;

/** What the collector is made of. */
export interface CollectorDeps {
  readonly keys: WriteKeys;
  readonly lines: LineStore;
  readonly metrics: Pick<GatewayMetrics, 'accepted' | 'quarantined'>;
  readonly now?: () => Date;
}

/** One collection request, read. */
export interface CollectRequest {
  readonly source: SourceConfig;
  readonly body: ParsedBody;
  readonly ip: string;
}

/** Takes requests in: who sends, what is in them, which batch it goes to. */
export class Collector {
  readonly #deps: CollectorDeps;
  readonly #now: () => Date;

  constructor(deps: CollectorDeps) {
    this.#deps = deps;
    this.#now = deps.now ?? ((): Date => new Date());
  }

  /** The source that the header's key belongs to; undefined where the header has none. Throws 401. */
  async authenticate(credentials: Credentials): Promise<SourceConfig | undefined> {
    if (credentials.kind === 'none') return undefined;
    const source = credentials.kind === 'key' ? await this.#deps.keys.find(credentials.key) : undefined;
    if (source === undefined) throw unauthorized();
    return source;
  }

  /** The source that the body's `writeKey` belongs to. Throws 401. */
  async authenticateBody(body: JsonValue): Promise<SourceConfig> {
    const source = await this.authenticate(bodyCredentials(body));
    if (source === undefined) throw unauthorized();
    return source;
  }

  /** One message; `type` is the call's. Resolves with the answer once what was accepted is durable. */
  single(request: CollectRequest, type: string): Promise<string> {
    const { text, value } = request.body;
    return this.#take(request, [value], this.#facts(request, { type, elements: [wholeElement(text)] }));
  }

  /** `{batch: [...]}`. Throws 400 where there is no list, 413 where it is too long. */
  batch(request: CollectRequest): Promise<string> {
    const envelope = request.body.value;
    if (envelope === null || typeof envelope !== 'object' || Array.isArray(envelope)) {
      throw new ProblemError(400, 'not-an-object', 'The body must be an object with a list "batch".');
    }
    const items = Object.hasOwn(envelope, 'batch') ? envelope['batch'] : undefined;
    if (!Array.isArray(items)) {
      throw new ProblemError(400, 'no-batch', 'The body must have a list of messages under "batch".');
    }
    if (items.length > MESSAGES_MAX) {
      throw new ProblemError(
        413,
        'too-many-messages',
        `The batch has ${items.length} messages; send at most ${MESSAGES_MAX}.`,
      );
    }
    const context = objectAt(envelope, 'context');
    if (context !== undefined) checkInherited(context, items.length);
    const sentAt = envelope['sentAt'];
    return this.#take(
      request,
      items,
      this.#facts(request, {
        elements: listElements(request.body.text, 'batch'),
        ...(context === undefined ? {} : { context }),
        ...(typeof sentAt === 'string' && sentAt.length <= SENT_AT_CHARS_MAX ? { sentAt } : {}),
      }),
    );
  }

  #facts(
    request: CollectRequest,
    given: { elements: readonly Element[]; type?: string; context?: JsonObject; sentAt?: string },
  ): RequestFacts {
    const { source, ip, body } = request;
    return {
      receivedAt: this.#now().toISOString(),
      sentAt: given.sentAt,
      ip,
      type: given.type,
      context: given.context,
      lanesFor: (items) => this.#deps.lines.lanesFor(source, items),
      segment: source.mapping === 'segment' || source.mapping.startsWith('segment@'),
      text: body.text,
      elements: given.elements,
    };
  }

  /**
   * What waits for the disk holds the lines and the answer alone: the parsed request would live long enough to be
   * moved to the old generation, which costs more than reading it did.
   */
  #take(request: CollectRequest, items: readonly JsonValue[], facts: RequestFacts): Promise<string> {
    const { source } = request;
    const prepared = prepare(items, facts);
    const { accepted, refused } = prepared;
    const { receivedAt, segment } = facts;
    const checked = segment ? ENVELOPE_CHECKS : undefined;
    const added = this.#deps.lines.add(source, prepared.lines, { receivedAt, checked });
    return added.then(() => {
      this.#count(source.name, accepted, refused);
      return answer(accepted, refused);
    });
  }

  #count(source: string, accepted: number, refused: readonly RefusedItem[]): void {
    const { metrics } = this.#deps;
    if (accepted > 0) metrics.accepted.inc({ source }, accepted);
    for (const { code } of refused) metrics.quarantined.inc({ source, code });
  }
}

/** Throws 413 where the messages come to too much with what they inherit. What is too deep for any is refused of each. */
function checkInherited(context: JsonObject, messages: number): void {
  if (isDeeperThan(context, DEPTH_MAX)) return;
  if (JSON.stringify(context).length * messages <= INHERITED_CHARS_MAX) return;
  throw new ProblemError(
    413,
    'context-too-large',
    `The batch's context is given to each of its messages, which come to more than ${INHERITED_CHARS_MAX} characters; send fewer of them with it, or less in it.`,
    { extensions: { limitChars: INHERITED_CHARS_MAX } },
  );
}

function unauthorized(): ProblemError {
  return new ProblemError(
    401,
    'unknown-write-key',
    'The write key is missing or not valid here; send it as the user of HTTP basic authentication.',
  );
}

function objectAt(envelope: JsonObject, name: string): JsonObject | undefined {
  const value = Object.hasOwn(envelope, name) ? envelope[name] : undefined;
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? value : undefined;
}

function answer(accepted: number, refused: readonly RefusedItem[]): string {
  if (refused.length === 0) return `{"success":true,"accepted":${accepted},"quarantined":[]}`;
  const quarantined = refused.map(({ index, messageId, reason }) => ({ index, messageId, reason }));
  return JSON.stringify({ success: true, accepted, quarantined });
}
