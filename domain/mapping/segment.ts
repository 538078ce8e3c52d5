import { NORMALIZER_VERSION } from '../identity/normalize.ts';
import { asObject, consentChoices } from '../ingestion/consent.ts';
import { checkMessage } from '../ingestion/envelope.ts';
import type { EventType } from '../ingestion/event.ts';
import type { RawItem } from '../ingestion/raw.ts';
import { correctTime } from '../ingestion/skew.ts';
import type { JsonObject, JsonValue } from '../json.ts';
import { ownValue, setOwn } from '../record.ts';
import { selectIdentifiers, type Candidate } from './identifiers.ts';
import { newEvent } from './new-event.ts';
import type { MapContext, Mapped } from './result.ts';

/** What Segment and its peers call our types in `context.externalIds`. */
const EXTERNAL_TYPES: Record<string, string> = {
  user_id: 'userId',
  anonymous_id: 'anonymousId',
  crm_id: 'crmId',
  loyalty_id: 'loyaltyId',
  device_id: 'deviceId',
  social_id: 'socialId',
  contact_id: 'contactId',
};

/** Parts of the context that have places of their own in the event. */
const LIFTED = new Set(['traits', 'externalIds', 'consent']);

/** One message of the Segment spec, checked for its structure, as one canonical event. */
export function mapSegment(message: JsonObject, item: RawItem, mapping: string, given: MapContext): Mapped {
  const problem = given.isChecked === true ? undefined : checkMessage(message);
  if (problem !== undefined) return { ok: false, ...problem };
  const type = ownValue(message, 'type') as EventType;
  const time = correctTime({
    original: ownValue(message, 'timestamp') ?? ownValue(message, 'originalTimestamp'),
    sentAt: ownValue(message, 'sentAt') ?? item.sentAt,
    receivedAt: item.receivedAt,
  });
  if (time === undefined)
    return { ok: false, code: 'invalid-time', detail: 'timestamp: must be an ISO 8601 time' };
  const context = objectAt(message, 'context');
  const traits = personTraits(type, message, context);
  const selected = selectIdentifiers(candidates(type, message, context, traits), given);
  if (selected.identifiers.length === 0) {
    const detail =
      'userId, anonymousId: no identifier left once invalid and blocked values are dropped; send a valid one';
    return { ok: false, code: 'no-identifier', detail };
  }
  const kept = keptContext(context, item.ip);
  const consent = consentChoices(context);
  const messageId = ownValue(message, 'messageId');
  const event = newEvent({
    messageId: typeof messageId === 'string' && messageId !== '' ? messageId : given.fallbackMessageId,
    type,
    event: eventName(type, message),
    time,
    receivedAt: item.receivedAt,
    source: given.source,
    selected,
    properties: eventProperties(type, message),
    traits,
    context: kept,
    consent,
    normalizer: given.version ?? NORMALIZER_VERSION,
    mapping,
  });
  return { ok: true, events: [event] };
}

/** The canonical name of a call. */
function eventName(type: EventType, message: JsonObject): string {
  switch (type) {
    case 'track': {
      const name = ownValue(message, 'event');
      return typeof name === 'string' ? name.trim() : '';
    }
    case 'page':
      return 'Page Viewed';
    case 'screen':
      return 'Screen Viewed';
    case 'identify':
      return 'Identify';
    case 'group':
      return 'Group';
    case 'alias':
      return 'Alias';
  }
}

/** Traits of the person: those in the context, which any call may carry, under those of an identify call. */
function personTraits(type: EventType, message: JsonObject, context: JsonObject): JsonObject {
  const known = objectAt(context, 'traits');
  // A group call's own traits are the group's.
  if (type === 'group') return known;
  const own = objectAt(message, 'traits');
  return isEmpty(known) ? own : isEmpty(own) ? known : { ...known, ...own };
}

function eventProperties(type: EventType, message: JsonObject): JsonObject {
  const properties = objectAt(message, 'properties');
  if (type === 'page' || type === 'screen') {
    const named = { ...properties };
    for (const field of ['name', 'category']) {
      const value = ownValue(message, field);
      if (typeof value === 'string' && !Object.hasOwn(named, field)) named[field] = value;
    }
    return named;
  }
  if (type !== 'group') return properties;
  const traits = objectAt(message, 'traits');
  const group = { ...properties, groupId: ownValue(message, 'groupId') ?? null };
  return isEmpty(traits) ? group : { ...group, traits };
}

function candidates(
  type: EventType,
  message: JsonObject,
  context: JsonObject,
  traits: JsonObject,
): Candidate[] {
  const found: Candidate[] = [
    { type: 'userId', value: ownValue(message, 'userId') },
    { type: 'anonymousId', value: ownValue(message, 'anonymousId') },
    { type: 'email', value: ownValue(traits, 'email') },
    { type: 'phone', value: ownValue(traits, 'phone') },
    { type: 'deviceId', value: ownValue(objectAt(context, 'device'), 'id') },
  ];
  if (type === 'alias') found.push({ type: 'anonymousId', value: ownValue(message, 'previousId') });
  const externalIds = ownValue(context, 'externalIds');
  if (Array.isArray(externalIds)) {
    for (const entry of externalIds) addExternal(found, entry);
  }
  return found;
}

function addExternal(found: Candidate[], entry: JsonValue): void {
  const external = asObject(entry);
  if (external === undefined) return;
  const type = ownValue(external, 'type');
  const collection = ownValue(external, 'collection') ?? 'users';
  // Ids of accounts and the like name no person.
  if (typeof type !== 'string' || collection !== 'users') return;
  found.push({ type: ownValue(EXTERNAL_TYPES, type) ?? type, value: ownValue(external, 'id') });
}

/** The context without what was lifted out of it, with what the connection knows where it is silent. */
function keptContext(context: JsonObject, ip: string | undefined): JsonObject | undefined {
  const kept: JsonObject = {};
  let any = false;
  for (const key of Object.keys(context)) {
    if (LIFTED.has(key)) continue;
    setOwn(kept, key, context[key] ?? null);
    any = true;
  }
  if (ip !== undefined && !Object.hasOwn(kept, 'ip')) {
    kept['ip'] = ip;
    any = true;
  }
  return any ? kept : undefined;
}

const NOTHING: JsonObject = Object.freeze({});

function objectAt(parent: JsonObject, key: string): JsonObject {
  return asObject(ownValue(parent, key)) ?? NOTHING;
}

function isEmpty(object: JsonObject): boolean {
  for (const key in object) if (Object.hasOwn(object, key)) return false;
  return true;
}
