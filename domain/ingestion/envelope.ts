import type { JsonObject, JsonValue } from '../json.ts';
import { ownValue } from '../record.ts';
import { asObject } from './consent.ts';
import type { EventType } from './event.ts';
import { EVENT_NAME_MAX_LENGTH, MESSAGE_ID_MAX_LENGTH, MESSAGE_MAX_BYTES } from './limits.ts';
import { checkStructure, type Problem } from './structure.ts';
import { parseTime } from './time.ts';

/** The calls of the Segment spec. */
export const EVENT_TYPES: ReadonlySet<string> = new Set<EventType>([
  'identify',
  'track',
  'page',
  'screen',
  'group',
  'alias',
]);

/** The version of `checkEnvelope`, to be raised as it becomes stricter: what passed another is checked again when it is mapped. */
export const ENVELOPE_CHECKS = 1;

/** What the caller knows of a message besides its body. */
export interface EnvelopeOptions {
  /** The call's type, where the path names it and the body need not. */
  readonly type?: EventType;
  /** Size of the message as JSON text, where the caller has measured it. */
  readonly bytes?: number;
}

const OBJECTS = ['context', 'properties', 'traits', 'integrations'];
const IDS = ['userId', 'anonymousId', 'previousId', 'groupId'];
const TEXTS = ['messageId', 'name', 'category'];
const TIMES = ['timestamp', 'originalTimestamp'];

/**
 * Checks the structure of one message of the Segment spec; undefined when it can be accepted. Never throws, whatever
 * the body. It does not check identifiers' values: the mapping does.
 */
export function checkEnvelope(body: JsonValue, options: EnvelopeOptions = {}): Problem | undefined {
  if (options.bytes !== undefined && options.bytes > MESSAGE_MAX_BYTES) {
    return problem('message-too-large', `a message may have ${MESSAGE_MAX_BYTES} bytes as JSON; split it`);
  }
  const message = asObject(body);
  if (message === undefined) return problem('not-an-object', 'a message must be a JSON object');
  return checkStructure(message) ?? checkMessage(message, options.type);
}

/** As `checkEnvelope`, for a body whose structure was checked. */
export function checkMessage(message: JsonObject, given?: EventType): Problem | undefined {
  const type = given ?? ownValue(message, 'type');
  if (type === undefined || type === null || type === '') {
    return problem('missing-field', `type: required; send one of ${[...EVENT_TYPES].join(', ')}`);
  }
  if (typeof type !== 'string') return problem('wrong-type', 'type: must be a string');
  if (!EVENT_TYPES.has(type)) {
    return problem(
      'unknown-type',
      `type: no call of the Segment spec; send one of ${[...EVENT_TYPES].join(', ')}`,
    );
  }
  return checkFields(message) ?? checkTimes(message) ?? checkCall(type, message) ?? checkSubject(message);
}

function checkFields(message: JsonObject): Problem | undefined {
  for (const name of OBJECTS) {
    const value = ownValue(message, name);
    if (value !== undefined && value !== null && asObject(value) === undefined) {
      return problem('wrong-type', `${name}: must be an object`);
    }
  }
  for (const name of IDS) {
    const value = ownValue(message, name);
    if (value === undefined || value === null || typeof value === 'string') continue;
    if (typeof value !== 'number') return problem('wrong-type', `${name}: must be a string`);
    if (!Number.isSafeInteger(value)) {
      return problem(
        'unsafe-number',
        `${name}: a number that JSON does not carry exactly; send it as a string`,
      );
    }
  }
  for (const name of TEXTS) {
    const value = ownValue(message, name);
    if (value !== undefined && value !== null && typeof value !== 'string') {
      return problem('wrong-type', `${name}: must be a string`);
    }
  }
  const messageId = ownValue(message, 'messageId');
  if (typeof messageId === 'string' && messageId.length > MESSAGE_ID_MAX_LENGTH) {
    return problem('too-long', `messageId: at most ${MESSAGE_ID_MAX_LENGTH} characters`);
  }
  const traits = ownValue(asObject(ownValue(message, 'context')) ?? {}, 'traits');
  if (traits !== undefined && traits !== null && asObject(traits) === undefined) {
    return problem('wrong-type', 'context.traits: must be an object');
  }
  return undefined;
}

function checkTimes(message: JsonObject): Problem | undefined {
  for (const name of TIMES) {
    const value = ownValue(message, name);
    if (value === undefined || value === null || value === '') continue;
    if (parseTime(value) === undefined) {
      return problem('invalid-time', `${name}: must be an ISO 8601 time, as in 2026-01-31T12:00:00.000Z`);
    }
  }
  return undefined;
}

/** What each call requires besides a person. */
function checkCall(type: string, message: JsonObject): Problem | undefined {
  if (type === 'track') {
    const event = ownValue(message, 'event');
    if (event === undefined || event === null || event === '') {
      return problem('missing-field', 'event: a track call requires the name of what happened');
    }
    if (typeof event !== 'string') return problem('wrong-type', 'event: must be a string');
    if (event.trim() === '') return problem('missing-field', 'event: must not be blank');
    if (event.length > EVENT_NAME_MAX_LENGTH) {
      return problem('too-long', `event: at most ${EVENT_NAME_MAX_LENGTH} characters`);
    }
  }
  if (type === 'group' && !isGiven(ownValue(message, 'groupId'))) {
    return problem('missing-field', 'groupId: a group call requires it');
  }
  if (
    type === 'alias' &&
    !isGiven(ownValue(message, 'previousId')) &&
    !isGiven(ownValue(message, 'anonymousId'))
  ) {
    return problem('missing-field', 'previousId: an alias call requires the id to join to userId');
  }
  return undefined;
}

/** Some identifier of a person; usable or not is for the mapping to say. */
function checkSubject(message: JsonObject): Problem | undefined {
  if (isGiven(ownValue(message, 'userId')) || isGiven(ownValue(message, 'anonymousId'))) return undefined;
  const context = asObject(ownValue(message, 'context')) ?? {};
  const externalIds = ownValue(context, 'externalIds');
  if (Array.isArray(externalIds) && externalIds.length > 0) return undefined;
  if (isGiven(ownValue(asObject(ownValue(context, 'device')) ?? {}, 'id'))) return undefined;
  for (const traits of [ownValue(message, 'traits'), ownValue(context, 'traits')]) {
    const object = asObject(traits) ?? {};
    if (isGiven(ownValue(object, 'email')) || isGiven(ownValue(object, 'phone'))) return undefined;
  }
  return problem(
    'missing-identifier',
    'userId or anonymousId: a message must name a person by at least one of them',
  );
}

function isGiven(value: JsonValue | undefined): boolean {
  return (typeof value === 'string' && value !== '') || typeof value === 'number';
}

function problem(code: string, detail: string): Problem {
  return { code, detail };
}
