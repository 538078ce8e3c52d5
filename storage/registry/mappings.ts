import { BUILT_IN_MAPPINGS } from '../../domain/mapping/built-in.ts';
import { mappingDefinitionSchema } from '../../domain/mapping/schema.ts';
import type { MappingDefinition } from '../../domain/mapping/types.ts';
import { cachedRead } from './cached-read.ts';
import type { Documents } from './documents.ts';
import { checkName, InvalidConfig } from './errors.ts';

const MAPPINGS = 'mappings';

/** A tenant's mappings and those that are built in. */
export interface Mappings {
  all(): Promise<MappingDefinition[]>;
  get(ref: string): Promise<MappingDefinition | undefined>;
  /** See `Registry.mappingAt`. */
  at(ref: string, at: string): Promise<MappingDefinition | undefined>;
  put(definition: Omit<MappingDefinition, 'version'>): Promise<MappingDefinition>;
}

function checkMapping(definition: MappingDefinition): void {
  const parsed = mappingDefinitionSchema.safeParse(definition);
  if (parsed.success) return;
  const issue = parsed.error.issues[0];
  throw new InvalidConfig(['mapping', ...(issue?.path ?? [])].join('.'), issue?.message ?? 'is malformed');
}

/** Keeps every version of a mapping as a document. `now` is in milliseconds. */
export function createMappings(documents: Documents, now: () => number): Mappings {
  const stored = cachedRead(() => documents.list<MappingDefinition>(MAPPINGS), now);

  async function get(ref: string): Promise<MappingDefinition | undefined> {
    const [name = '', version] = ref.split('@');
    const newest = (await all()).find((definition) => definition.name === name);
    if (newest === undefined || version === undefined || String(newest.version) === version) return newest;
    const builtIn = BUILT_IN_MAPPINGS.some((definition) => definition.name === name);
    if (builtIn) return undefined;
    const history = await documents.history<MappingDefinition>(MAPPINGS, name);
    return history.find((event) => String(event.version) === version)?.document;
  }

  async function all(): Promise<MappingDefinition[]> {
    return [...BUILT_IN_MAPPINGS, ...(await stored.get()).map(({ document }) => document)];
  }

  return {
    all,
    get,
    async at(ref, at) {
      const newest = await get(ref);
      if (newest === undefined || ref.includes('@')) return newest;
      const history = await documents.history<MappingDefinition>(MAPPINGS, ref);
      return (history.findLast(({ recordedAt }) => recordedAt <= at) ?? history[0])?.document ?? newest;
    },
    async put(definition) {
      checkName('mapping', definition.name);
      if (BUILT_IN_MAPPINGS.some(({ name }) => name === definition.name)) {
        throw new InvalidConfig('mapping', `${definition.name} is built in; choose another name`);
      }
      stored.forget();
      const before = (await stored.get()).find(({ name }) => name === definition.name)?.document;
      const after: MappingDefinition = { ...definition, version: (before?.version ?? 0) + 1 };
      checkMapping(after);
      await documents.put(MAPPINGS, after.name, after.version, after);
      stored.forget();
      return after;
    },
  };
}
