/** A value that JSON can carry; what sources send and what the log keeps. */
export type JsonValue = string | number | boolean | null | JsonValue[] | JsonObject;

/** A JSON object. Never index one with a name from outside without `Object.hasOwn`. */
export interface JsonObject {
  [key: string]: JsonValue;
}
