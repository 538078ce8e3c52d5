import type { JsonObject, JsonValue } from '../json.ts';

/** What a path can see while one record is mapped. */
export interface Scope {
  /** `$`: the record, or the element that is being iterated over. */
  readonly item: JsonValue;
  /** `$root`: the record. */
  readonly root: JsonObject;
  /** `$delivery`: what came beside the record. */
  readonly delivery: JsonObject;
  /** `$index`: the element's place, from 0. */
  readonly index: number;
}

const NOTHING: JsonObject = Object.freeze({});

/** The scope of a record as a whole. */
export function scopeOf(root: JsonObject, delivery: JsonObject = NOTHING): Scope {
  return { item: root, root, delivery, index: 0 };
}

/** The scope of one element of a list. */
export function elementOf(scope: Scope, item: JsonValue, index: number): Scope {
  return { item, root: scope.root, delivery: scope.delivery, index };
}
