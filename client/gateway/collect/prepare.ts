import { randomUUID } from 'node:crypto';
import type { JsonObject, JsonValue } from '../../../domain/json.ts';
import { isDeeperThan } from '../../../domain/ingestion/depth.ts';
import { inheritedContext } from '../../../domain/ingestion/inherit.ts';
import { DEPTH_MAX } from '../../../domain/ingestion/limits.ts';
import { checkEnvelope, checkMessage } from '../../../domain/ingestion/envelope.ts';
import type { Problem } from '../../../domain/ingestion/structure.ts';
import { withoutMember } from './elements.ts';
import type { Element } from './elements.ts';
import { laneOf } from '../../../domain/ingestion/lane.ts';
import { MESSAGE_BYTES_MAX, RECORD_DEPTH_MAX } from './limits.ts';

/** One item that can't be accepted, as the answer lists it. */
export interface RefusedItem {
  readonly index: number;
  readonly messageId: string | null;
  readonly reason: string;
  readonly code: string;
}

/** A request's items as lines ready for their batches. */
export interface Prepared {
  /** By lane; undefined where the lane gets nothing. */
  readonly lines: (string[] | undefined)[];
  readonly accepted: number;
  readonly refused: readonly RefusedItem[];
}

/** What all items of a request share. */
export interface RequestFacts {
  readonly receivedAt: string;
  readonly sentAt: string | undefined;
  readonly ip: string;
  /** The call's type, where the path names it. */
  readonly type: string | undefined;
  /** The envelope's context, which each message inherits. */
  readonly context: JsonObject | undefined;
  /** Over how many lanes so many items are spread. */
  readonly lanesFor: (items: number) => number;
  /** Items are messages of the Segment spec; else records of the source's own form. */
  readonly segment: boolean;
  /** The text that the items were parsed from, and where in it each of them is. */
  readonly text: string;
  readonly elements: readonly Element[];
}

/**
 * Checks each item and writes it, or its refusal, as a line. The hot path: what came complete, as the SDKs send it, is
 * kept as it stands in the request's text and serialized by nobody.
 */
export function prepare(items: readonly JsonValue[], facts: RequestFacts): Prepared {
  const tail = lineTail(facts);
  const source = new SourceText(facts.text);
  const lanes = facts.lanesFor(items.length);
  const lines = Array.from<string[] | undefined>({ length: lanes });
  const refused: RefusedItem[] = [];
  let inheritance: string | undefined;
  for (let index = 0; index < items.length; index++) {
    const given = items[index] ?? null;
    const givenId = messageIdOf(given);
    const element = facts.elements[index];
    const kept = element !== undefined && isKept(given, element, facts) ? element : undefined;
    const item = kept === undefined ? complete(given, facts) : given;
    let problem = check(item, kept?.plain === true, facts);
    let line: string | undefined;
    if (problem === undefined) {
      let body = kept === undefined ? JSON.stringify(item) : source.line(kept);
      // White space and escapes do not count: a message is as large as its shortest text.
      if (kept !== undefined && tooLong(body)) body = JSON.stringify(item);
      if (tooLong(body)) problem = TOO_LARGE;
      else line = `{"body":${body}${tail}}`;
    }
    if (problem !== undefined) {
      const { code, detail } = problem;
      refused.push({ index, messageId: givenId, reason: `${code}: ${detail}`, code });
      const original = element === undefined ? 'null' : originalOf(given, source.line(element), facts);
      inheritance ??= inheritanceOf(facts);
      line = `{"body":${original}${tail}${inheritance},"reject":${JSON.stringify({ code, detail })}}`;
    }
    (lines[laneOf(item, lanes)] ??= []).push(line ?? '');
  }
  return { lines, accepted: items.length - refused.length, refused };
}

/** A request's text, from which items are cut as lines. */
class SourceText {
  readonly #text: string;
  readonly #hasBreaks: boolean;

  constructor(text: string) {
    this.#text = text;
    this.#hasBreaks = text.includes('\n') || text.includes('\r');
  }

  /** In JSON a line break stands between tokens alone, where a space means the same. */
  line({ start, end }: Element): string {
    const part = this.#text.slice(start, end);
    return this.#hasBreaks ? part.replace(/[\r\n]/g, ' ') : part;
  }
}

/** What is refused keeps its bytes but for the write key. The type that its call's path says comes last, where it counts. */
function originalOf(item: JsonValue, text: string, facts: RequestFacts): string {
  const kept = hasWriteKey(item, facts) ? withoutMember(text, 'writeKey') : text;
  if (facts.type === undefined || !facts.segment || !isObject(item)) return kept;
  const members = kept.slice(1, -1).trim();
  return `{${members}${members === '' ? '' : ','}"type":"${facts.type}"}`;
}

/**
 * What a refused message inherits once it is mended. A context that no message could have is left out: it would be written
 * once for each item, however large it is.
 */
function inheritanceOf({ context, segment }: RequestFacts): string {
  if (context === undefined || !segment || isDeeperThan(context, DEPTH_MAX)) return '';
  const text = JSON.stringify(context);
  return tooLong(text) ? '' : `,"context":${text}`;
}

/** True where the item has a key of its sender's: in messages, and in a record that is a request's whole body. */
function hasWriteKey(item: JsonValue, facts: RequestFacts): boolean {
  return isObject(item) && item['writeKey'] !== undefined && (facts.segment || facts.type !== undefined);
}

/** True where there is nothing to add to the item nor to take out, so that its text says all. */
function isKept(item: JsonValue, element: Element, facts: RequestFacts): boolean {
  if (hasWriteKey(item, facts)) return false;
  if (!facts.segment) return element.plain;
  if (!isObject(item) || facts.context !== undefined) return false;
  if (facts.type !== undefined && item['type'] !== facts.type) return false;
  const id = item['messageId'];
  return id !== undefined && id !== null && id !== '';
}

/** What is wrong with an item; `plain` where its text has shown that its structure is sound. */
function check(item: JsonValue, plain: boolean, facts: RequestFacts): Problem | undefined {
  if (!facts.segment) return checkRecord(item);
  return plain && isObject(item) ? checkMessage(item) : checkEnvelope(item);
}

function isObject(item: JsonValue): item is JsonObject {
  return item !== null && typeof item === 'object' && !Array.isArray(item);
}

const TOO_LARGE = {
  code: 'message-too-large',
  detail: `the message is larger than ${MESSAGE_BYTES_MAX} bytes; send less in it`,
};

function lineTail(facts: RequestFacts): string {
  const sentAt = facts.sentAt === undefined ? '' : `,"sentAt":${JSON.stringify(facts.sentAt)}`;
  return `,"receivedAt":"${facts.receivedAt}"${sentAt},"ip":${JSON.stringify(facts.ip)}`;
}

/**
 * Adds what the message leaves to the request: its type, its id, the envelope's context; takes out the write key,
 * a secret of the sender's. Of a record it takes the write key alone. Copies by spread, which keeps an own `__proto__` a
 * plain member and merges nothing.
 */
function complete(item: JsonValue, facts: RequestFacts): JsonValue {
  if (!isObject(item)) return item;
  let message = item;
  if (hasWriteKey(item, facts)) {
    message = { ...message };
    delete message['writeKey'];
  }
  if (!facts.segment) return message;
  if (facts.type !== undefined && message['type'] !== facts.type) message['type'] = facts.type;
  const id = message['messageId'];
  if (id === undefined || id === null || id === '') message['messageId'] = randomUUID();
  if (facts.context !== undefined) message['context'] = inheritedContext(message['context'], facts.context);
  return message;
}

/** UTF-8 takes at most three bytes for a UTF-16 unit, so that short texts need no counting. */
function tooLong(body: string): boolean {
  if (body.length > MESSAGE_BYTES_MAX) return true;
  return body.length * 3 > MESSAGE_BYTES_MAX && Buffer.byteLength(body) > MESSAGE_BYTES_MAX;
}

function messageIdOf(item: JsonValue): string | null {
  if (!isObject(item)) return null;
  const id = item['messageId'];
  return typeof id === 'string' && id.length <= 256 ? id : null;
}

function checkRecord(item: JsonValue): Problem | undefined {
  if (!isObject(item)) {
    return { code: 'not-an-object', detail: 'the item must be a JSON object' };
  }
  if (isDeeperThan(item, RECORD_DEPTH_MAX)) {
    return { code: 'too-deep', detail: `the item is nested deeper than ${RECORD_DEPTH_MAX} levels` };
  }
  return undefined;
}
