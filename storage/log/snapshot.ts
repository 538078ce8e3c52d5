import type { FragmentState } from '../../domain/profile/fragment.ts';
import { decodeJson, encodeJson } from '../json.ts';
import type { Tail } from './types.ts';

/** 2: traits that are made of several values keep which event told each. */
const FORMAT = 2;
/** Commits that a reader folds, a millisecond or two of work, before a snapshot is worth its bytes. */
export const COMMITS_MIN = 48;
/**
 * A snapshot is written once the commits since the last have this many times its bytes: it then adds a sixth to what
 * the commits cost, however large it grew.
 */
const BYTES_RATIO = 6;

/** True when the next commit should bring a snapshot with it. */
export function snapshotDue(tail: Tail): boolean {
  return tail.commits >= COMMITS_MIN && tail.bytes >= BYTES_RATIO * tail.snapshotBytes;
}

/** A fold as stored: up to which commit, and under which policy. */
export interface Snapshot {
  readonly version: number;
  readonly recordedAt: string;
  readonly bornIn: string;
  readonly policyVersion: number;
  readonly state: FragmentState;
  /** The last correction that is in the fold; absent where there was none. */
  readonly corrected?: number;
}

type Packed = readonly [number, number, string, string, number, FragmentState, corrected?: number];

/** The bytes of a snapshot, before sealing. */
export function encodeSnapshot(snapshot: Snapshot): Uint8Array {
  const { version, recordedAt, bornIn, policyVersion, state, corrected } = snapshot;
  const packed: Packed = [FORMAT, version, recordedAt, bornIn, policyVersion, state];
  return encodeJson(corrected === undefined ? packed : [...packed, corrected]);
}

/** Reverses `encodeSnapshot`; undefined for a form it does not know: the commits are folded again instead. */
export function decodeSnapshot(bytes: Uint8Array): Snapshot | undefined {
  const [format, version, recordedAt, bornIn, policyVersion, state, corrected] = decodeJson<Packed>(bytes);
  if (format !== FORMAT) return undefined;
  const snapshot = { version, recordedAt, bornIn, policyVersion, state };
  return corrected === undefined ? snapshot : { ...snapshot, corrected };
}
