import type { Identifier } from '../../domain/identity/identifier.ts';
import type { ConsentChoice, EventType } from '../../domain/ingestion/event.ts';
import { exactTime } from '../../domain/ingestion/time.ts';
import type { JsonObject } from '../../domain/json.ts';
import type { Mutable } from '../../domain/mutable.ts';
import { KeyGone } from '../errors.ts';
import { decodeJson, encodeJson } from '../json.ts';
import type { AppendEvent, Commit, Correction, StoredEvent, SupersededItem, Tail } from './types.ts';

/**
 * The stored form of a commit, version 1: positions instead of names, what the events share said once, times as
 * milliseconds before the commit's. A thousand events are a thousand times these bytes, so the form is dense.
 */
const FORMAT = 1;

const TYPES: readonly EventType[] = ['track', 'page', 'identify', 'screen', 'group', 'alias'];
/** The names that follow from the type. */
const DEFAULT_NAMES: Record<EventType, string> = {
  track: '',
  page: 'Page Viewed',
  identify: 'Identify',
  screen: 'Screen Viewed',
  group: 'Group',
  alias: 'Alias',
};

/** A time as milliseconds before another; text where it is not exactly what `toISOString` writes. */
type PackedTime = number | string;
/** batch, source, mapping, normalizer. */
type Shared = readonly [string, string, string, number];
type PackedEvent = readonly [
  shared: number,
  type: number,
  name: string | 0,
  messageId: string,
  index: number,
  /** Milliseconds before the commit. */
  receivedAt: PackedTime,
  /** Milliseconds before `receivedAt`. */
  timestamp: PackedTime,
  /** Type and value by turns. */
  identifiers: readonly string[],
  properties: JsonObject | 0,
  traits: JsonObject | 0,
  context?: JsonObject | 0,
  /** Purpose and 1 for granted, by turns. */
  consent?: readonly (string | number)[] | 0,
  originalTimestamp?: PackedTime | null,
  /** Type and value by turns. */
  blocked?: readonly string[],
];
type PackedCommit = readonly [
  format: number,
  recordedAt: string,
  shared: readonly Shared[],
  events: readonly PackedEvent[],
  /**
   * Commits since the snapshot with this one (0 where it brings one), their bytes without it, the snapshot's; once there
   * was a correction, the version of the last, and 1 where no event is in force.
   */
  tail: readonly [number, number, number, corrected?: number, isEmpty?: 0 | 1],
  correction?: PackedCorrection,
];
/** Items are batch, place and 1 for turned away, by turns. */
type PackedCorrection = readonly [cause: string, before: number, items: readonly (string | number)[]];

/** The time of receipt that was read last: the events of a batch share theirs. */
let receipt: { readonly text: string; readonly exact: number | undefined } = { text: '', exact: undefined };

function exactReceipt(text: string): number | undefined {
  if (receipt.text !== text) receipt = { text, exact: exactTime(text) };
  return receipt.exact;
}

function packTime(base: number, time: string, exact = exactTime(time)): PackedTime {
  if (exact !== undefined) return base - exact;
  const ms = Date.parse(time);
  return Number.isNaN(ms) || new Date(ms).toISOString() !== time ? time : base - ms;
}

function unpackTime(base: number, packed: PackedTime): string {
  return typeof packed === 'string' ? packed : new Date(base - packed).toISOString();
}

function packEvent({ event, index }: EventAt, shared: number, base: number): PackedEvent {
  const exact = exactReceipt(event.receivedAt);
  const received = exact ?? Date.parse(event.receivedAt);
  const packed: Mutable<PackedEvent> = [
    shared,
    TYPES.indexOf(event.type),
    event.event === DEFAULT_NAMES[event.type] ? 0 : event.event,
    event.messageId,
    index,
    packTime(base, event.receivedAt, exact),
    packTime(received, event.timestamp),
    packIdentifiers(event.identifiers),
    isEmpty(event.properties) ? 0 : event.properties,
    isEmpty(event.traits) ? 0 : event.traits,
  ];
  const { context, originalTimestamp, blocked } = event;
  const consent = event.consent?.flatMap(({ purpose, status }) => [purpose, status === 'granted' ? 1 : 0]);
  const last =
    blocked !== undefined ? 13 : originalTimestamp !== undefined ? 12 : consent !== undefined ? 11 : 10;
  if (last === 10 && context === undefined) return packed;
  packed[10] = context ?? 0;
  if (last > 10) packed[11] = consent ?? 0;
  if (last > 11) packed[12] = originalTimestamp === undefined ? null : packTime(received, originalTimestamp);
  if (blocked !== undefined) packed[13] = packIdentifiers(blocked);
  return packed;
}

function packIdentifiers(identifiers: readonly Identifier[]): string[] {
  const packed: string[] = [];
  for (const { type, value } of identifiers) packed.push(type, value);
  return packed;
}

function isEmpty(object: JsonObject): boolean {
  for (const _ in object) return false;
  return true;
}

/** An event and the raw item that it came from. */
export type EventAt = Pick<AppendEvent, 'event' | 'batchId' | 'index'>;

/** A commit to encode. */
export interface NewCommit extends Pick<Commit, 'recordedAt' | 'correction'> {
  readonly events: readonly EventAt[];
}

/** A stored event and its raw item, apart. */
export function eventAt(event: StoredEvent): EventAt {
  return { event, batchId: event.batchId, index: event.index };
}

/** The bytes of a commit, before sealing. `tail` is as it stands after the commit, but for the commit's own bytes. */
export function encodeCommit(commit: NewCommit, tail: Tail): Uint8Array {
  const base = Date.parse(commit.recordedAt);
  const shared: Shared[] = [];
  const events: PackedEvent[] = [];
  for (const placed of commit.events) {
    const { event, batchId } = placed;
    let at = shared.findIndex(
      (known) =>
        known[0] === batchId &&
        known[1] === event.source &&
        known[2] === event.mapping &&
        known[3] === event.normalizer,
    );
    if (at < 0) at = shared.push([batchId, event.source, event.mapping, event.normalizer]) - 1;
    events.push(packEvent(placed, at, base));
  }
  const packed: PackedCommit = [FORMAT, commit.recordedAt, shared, events, packTail(tail)];
  const { correction } = commit;
  return encodeJson(correction === undefined ? packed : [...packed, packCorrection(correction)]);
}

function packTail({ commits, bytes, snapshotBytes, corrected, isEmpty }: Tail): PackedCommit[4] {
  if (corrected === undefined) return [commits, bytes, snapshotBytes];
  return [commits, bytes, snapshotBytes, corrected, isEmpty === true ? 1 : 0];
}

function unpackTail([commits, bytes, snapshotBytes, corrected, isEmpty]: PackedCommit[4]): Tail {
  return {
    ...{ commits, bytes, snapshotBytes },
    ...(corrected !== undefined && { corrected }),
    ...(isEmpty === 1 && { isEmpty: true as const }),
  };
}

function packCorrection({ cause, before, supersedes }: Correction): PackedCorrection {
  const items = supersedes.flatMap((item) => [item.batchId, item.index, item.turnedAway ? 1 : 0]);
  return [cause, before, items];
}

function unpackCorrection([cause, before, items]: PackedCorrection): Correction {
  const supersedes: SupersededItem[] = [];
  for (let i = 0; i + 2 < items.length; i += 3)
    supersedes.push({
      batchId: String(items[i]),
      index: Number(items[i + 1]),
      turnedAway: items[i + 2] === 1,
    });
  return { cause, before, supersedes };
}

/** What a commit says of the stream's end: when it was recorded, and the tail as `encodeCommit` was given it. */
export function decodeEnd(encoded: Uint8Array): { readonly recordedAt: string; readonly tail: Tail } {
  const [format, recordedAt, , , tail] = decodeJson<PackedCommit>(encoded);
  if (format !== FORMAT) throw new KeyGone(`a commit is of the unknown form ${String(format)}`);
  return { recordedAt, tail: unpackTail(tail) };
}

function unpackIdentifiers(packed: readonly string[]): Identifier[] {
  const identifiers: Identifier[] = [];
  for (let i = 0; i + 1 < packed.length; i += 2) {
    identifiers.push({ type: packed[i] ?? '', value: packed[i + 1] ?? '' });
  }
  return identifiers;
}

function unpackConsent(packed: readonly (string | number)[]): ConsentChoice[] {
  const choices: ConsentChoice[] = [];
  for (let i = 0; i + 1 < packed.length; i += 2) {
    choices.push({ purpose: String(packed[i]), status: packed[i + 1] === 1 ? 'granted' : 'denied' });
  }
  return choices;
}

function unpackEvent(packed: PackedEvent, shared: readonly Shared[], base: number): StoredEvent {
  const [at, typeAt, name, messageId, index, receivedAt, timestamp, identifiers, properties, traits] = packed;
  const [, , , , , , , , , , context, consent, originalTimestamp, blocked] = packed;
  const common = shared[at];
  const type = TYPES[typeAt];
  if (common === undefined || type === undefined) throw new KeyGone('a commit is damaged');
  const [batchId, source, mapping, normalizer] = common;
  const received = unpackTime(base, receivedAt);
  const receivedMs = Date.parse(received);
  return {
    messageId,
    type,
    event: name === 0 ? DEFAULT_NAMES[type] : name,
    timestamp: unpackTime(receivedMs, timestamp),
    receivedAt: received,
    ...(originalTimestamp === undefined || originalTimestamp === null
      ? {}
      : { originalTimestamp: unpackTime(receivedMs, originalTimestamp) }),
    source,
    identifiers: unpackIdentifiers(identifiers),
    ...(blocked === undefined ? {} : { blocked: unpackIdentifiers(blocked) }),
    properties: properties === 0 ? {} : properties,
    traits: traits === 0 ? {} : traits,
    ...(context === undefined || context === 0 ? {} : { context }),
    ...(consent === undefined || consent === 0 ? {} : { consent: unpackConsent(consent) }),
    normalizer,
    mapping,
    batchId,
    index,
  };
}

/** Reverses `encodeCommit`. Throws `KeyGone` for a form it does not know. */
export function decodeCommit(version: number, bytes: Uint8Array): Commit {
  const [format, recordedAt, shared, events, [, , , corrected, isEmpty], correction] =
    decodeJson<PackedCommit>(bytes);
  if (format !== FORMAT) throw new KeyGone(`a commit is of the unknown form ${String(format)}`);
  const base = Date.parse(recordedAt);
  const commit = { version, recordedAt, events: events.map((event) => unpackEvent(event, shared, base)) };
  if (corrected === undefined) return commit;
  return {
    ...commit,
    corrected,
    ...(isEmpty === 1 && { empties: true as const }),
    ...(correction && { correction: unpackCorrection(correction) }),
  };
}
