import type { EventType } from '../ingestion/event.ts';
import type { JsonValue } from '../json.ts';

/**
 * Where a value comes from in a source's record. Data, never code: each form does one thing, in steps that the record's
 * size bounds. Paths: a column's name as it stands, or `$` (the record, or the element of `each`), `$root` (the record),
 * `$delivery` (what came beside it, such as a topic) or `$index` (the element's place), followed by `.name`, `['any name']`,
 * `[0]`, `[name='value']` (the first element with that member) and `[*]` (all elements).
 */
export type ValueSource =
  | PathSource
  | { readonly const: JsonValue }
  /** `${path}` is replaced by the value at that path; absent values make the whole absent. */
  | { readonly template: string; readonly required?: boolean }
  /** The first that is there. */
  | { readonly first: readonly ValueSource[]; readonly required?: boolean }
  | { readonly when: Condition; readonly then: ValueSource; readonly else?: ValueSource }
  /** Exact decimals added up, each element of a list by itself; absent ones count nothing, absent where all are. */
  | { readonly sum: readonly ValueSource[] }
  /** The first less the others. */
  | { readonly subtract: readonly ValueSource[] }
  | { readonly multiply: readonly ValueSource[] }
  /** An amount in minor units (cents) as a decimal of the currency, by ISO 4217. */
  | { readonly minorUnits: ValueSource; readonly currency: ValueSource }
  /** The values that are there, those of lists one by one. */
  | { readonly list: readonly ValueSource[] }
  | { readonly object: Readonly<Record<string, ValueSource>> }
  /** A list with one value for each element at the path; `$` is the element. */
  | { readonly each: string; readonly item: ValueSource };

/** A value as it stands at a path, converted, looked up, or the default. */
export interface PathSource {
  readonly path: string;
  /** The text between these is a list. */
  readonly split?: string;
  readonly as?: Conversion;
  /** How a date or time is written where it is not ISO 8601, such as `MM/DD/YYYY hh:mm A`; for `date` and `datetime`. */
  readonly format?: string;
  /** Values by the text that stands for them; others are absent, or kept with `orKeep`. */
  readonly lookup?: Readonly<Record<string, JsonValue>>;
  readonly orKeep?: boolean;
  readonly default?: JsonValue;
  readonly required?: boolean;
}

/** What must hold of a record. `matches` is a pattern in which `*` stands for any run of characters. */
export type Condition =
  | { readonly path: string; readonly equals: JsonValue }
  | { readonly path: string; readonly in: readonly JsonValue[] }
  /** There, not null and not blank. */
  | { readonly path: string; readonly exists: boolean }
  | { readonly path: string; readonly matches: string }
  | { readonly all: readonly Condition[] }
  | { readonly any: readonly Condition[] }
  | { readonly not: Condition };

/** How a raw value becomes a typed one. `decimal` keeps money exact; `date` and `datetime` answer ISO 8601 UTC. */
export type Conversion =
  | 'string'
  | 'number'
  | 'integer'
  | 'decimal'
  | 'boolean'
  | 'date'
  | 'datetime'
  | 'epoch-seconds'
  | 'epoch-millis'
  | 'lowercase'
  | 'trim';

/** A mapping from one format to canonical events; versioned, built in or a tenant's own. */
export interface MappingDefinition {
  readonly name: string;
  readonly version: number;
  readonly description: string;
  /** `segment` is the Segment spec, built in; `record` makes one event of one record; `rules` as many as its rules say. */
  readonly kind: 'segment' | 'record' | 'rules';
  readonly record?: RecordMapping;
  readonly rules?: readonly RuleMapping[];
  /** Records that no rule takes and that are known to say nothing of a person: stored as they came, without an event. */
  readonly ignore?: readonly Condition[];
  /**
   * Which traits hold which field of a person, where their names are not the usual ones; see `PERSON_FIELDS`. Other
   * names are more fields that records are compared by.
   */
  readonly person?: Readonly<Record<string, readonly string[]>>;
}

/** How one record (a row, an object) becomes one canonical event. */
export interface RecordMapping {
  readonly type: EventType;
  readonly event?: ValueSource;
  readonly messageId?: ValueSource;
  readonly timestamp?: ValueSource;
  /** By identifier type. */
  readonly identifiers: Record<string, ValueSource>;
  readonly properties?: Record<string, ValueSource>;
  readonly traits?: Record<string, ValueSource>;
  /** Traits and properties whose names are in the record. */
  readonly pairs?: readonly PairMapping[];
  /** Traits and properties that are not known by name beforehand, such as fields of a customer's own. */
  readonly members?: readonly MemberMapping[];
}

/** One rule of several: every rule whose condition holds makes its events. */
export interface RuleMapping extends RecordMapping {
  /** Says in errors which rule it was. */
  readonly name: string;
  readonly when?: Condition;
  /** One event for each element of the list at this path, which `$` then is. */
  readonly each?: string;
}

/** Members of an object by patterns of their names (`*` is any run of characters), each under its own name. */
export interface MemberMapping {
  readonly into: 'traits' | 'properties';
  /** The object. */
  readonly of: string;
  readonly matches: readonly string[];
  readonly except?: readonly string[];
}

/** Name-value pairs, as forms and property changes have them. */
export interface PairMapping {
  readonly into: 'traits' | 'properties';
  /** The list of pairs; the record itself is the one pair where silent. */
  readonly each?: string;
  readonly name: ValueSource;
  readonly value: ValueSource;
}
