import { compileRecord, type CompiledRecord, type DefinitionError } from './record.ts';
import { mappingDefinitionSchema } from './schema.ts';
import type { MappingDefinition } from './types.ts';

/** A mapping made ready to run. */
export interface CompiledMapping {
  /** `name@version`, as events carry it. */
  readonly ref: string;
  /** Absent for the Segment spec. */
  readonly record?: CompiledRecord;
}

/** A definition that can't be used; `errors` has every field that is wrong. */
export class InvalidMapping extends Error {
  readonly code = 'invalid-mapping';
  readonly errors: readonly DefinitionError[];

  constructor(errors: readonly DefinitionError[]) {
    super(
      `the mapping is not valid: ${errors.map(({ path, expected }) => `${path}: ${expected}`).join('; ')}`,
    );
    this.name = 'InvalidMapping';
    this.errors = errors;
  }
}

/** Checks and compiles a definition. Throws `InvalidMapping` with every field that is wrong. */
export function compileMapping(definition: MappingDefinition): CompiledMapping {
  const checked = mappingDefinitionSchema.safeParse(definition);
  if (!checked.success) {
    throw new InvalidMapping(
      checked.error.issues.map(({ path, message }) => ({ path: path.join('.'), expected: message })),
    );
  }
  const ref = `${definition.name}@${definition.version}`;
  if (definition.record === undefined) return { ref };
  const errors: DefinitionError[] = [];
  const record = compileRecord(definition.record, errors);
  if (errors.length > 0) throw new InvalidMapping(errors);
  return { ref, record };
}
