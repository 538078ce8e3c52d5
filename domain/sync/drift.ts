import type { SchemaChange } from './types.ts';

/** Types of an object's fields by name, in the vendor's words. */
export type ObjectSchema = Readonly<Record<string, string>>;

/** What is different about an object's fields; nothing where they were never seen before. `at` is ISO 8601 UTC. */
export function schemaChanges(
  object: string,
  before: ObjectSchema | undefined,
  after: ObjectSchema,
  at: string,
): SchemaChange[] {
  if (before === undefined) return [];
  const changes: SchemaChange[] = [];
  for (const field of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const was = Object.hasOwn(before, field) ? before[field] : undefined;
    const is = Object.hasOwn(after, field) ? after[field] : undefined;
    if (was === is) continue;
    if (was === undefined && is !== undefined) changes.push({ object, field, change: 'new', after: is, at });
    else if (was !== undefined && is === undefined)
      changes.push({ object, field, change: 'vanished', before: was, at });
    else if (was !== undefined && is !== undefined)
      changes.push({ object, field, change: 'type', before: was, after: is, at });
  }
  return changes.sort((a, b) => (a.field < b.field ? -1 : 1));
}
