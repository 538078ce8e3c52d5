import { SEGMENT_IDS } from '../ingestion/lane.ts';
import type { MappingDefinition, ValueSource } from './types.ts';

const LAST_NAME = /(?:\.([^.[\]]+)|\['([^']+)'\])(?:\[\d+\]|\[\*\])*$/;

/**
 * The names of the members that a mapping reads identifiers from, in its order: enough to tell in which lane a record goes,
 * and no more than a hint, since a name may stand in several places of a record.
 */
export function identifyingMembers({ record, rules }: MappingDefinition): string[] {
  const sources = [record, ...(rules ?? [])].flatMap((mapping) => Object.values(mapping?.identifiers ?? {}));
  if (sources.length === 0) return [...SEGMENT_IDS];
  return [...new Set(sources.flatMap(pathsOf).flatMap(nameOf))];
}

function pathsOf(source: ValueSource): string[] {
  if ('path' in source) return [source.path];
  if ('first' in source) return source.first.flatMap(pathsOf);
  if ('then' in source)
    return [source.then, ...(source.else === undefined ? [] : [source.else])].flatMap(pathsOf);
  return [];
}

function nameOf(path: string): string[] {
  if (!path.startsWith('$')) return [path];
  const [, plain, quoted] = LAST_NAME.exec(path) ?? [];
  const name = plain ?? quoted;
  return name === undefined ? [] : [name];
}
