/** A type that is read-only to everybody else, while it is being made. */
export type Mutable<T> = { -readonly [Name in keyof T]: T[Name] };
