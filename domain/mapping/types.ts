import type { EventType } from '../ingestion/event.ts';
import type { JsonValue } from '../json.ts';

/**
 * Where a value comes from in a source's record: a path (`$.a.b[0]`, or a column's name), a constant, or a template.
 * Data, never code.
 */
export type ValueSource =
  | {
      readonly path: string;
      readonly as?: Conversion;
      readonly default?: JsonValue;
      readonly required?: boolean;
    }
  | { readonly const: JsonValue }
  /** `${path}` is replaced by the value at that path; absent values make the whole absent. */
  | { readonly template: string };

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
  /** `segment` is the Segment spec, built in; `record` maps one record to one event by the fields below. */
  readonly kind: 'segment' | 'record';
  readonly record?: RecordMapping;
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
}
