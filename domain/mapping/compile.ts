import { faultsOf } from '../issues.ts';
import { compileRecord, type CompiledRecord, type DefinitionError } from './record.ts';
import { compileRules, type CompiledRules } from './rules.ts';
import { isShallow, mappingDefinitionSchema } from './schema.ts';
import type { MappingDefinition } from './types.ts';

/** A mapping made ready to run. */
export interface CompiledMapping {
  /** `name@version`, as events carry it. */
  readonly ref: string;
  /** One event of one record; with neither this nor rules, the mapping is the Segment spec's. */
  readonly record?: CompiledRecord;
  readonly rules?: CompiledRules;
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
  if (!isShallow(definition)) throw new InvalidMapping([{ path: '', expected: 'less nesting' }]);
  const checked = mappingDefinitionSchema.safeParse(definition);
  if (!checked.success) {
    throw new InvalidMapping(
      faultsOf(checked.error.issues).map(({ path, message }) => ({
        ...{ path: path.map(String).join('.'), expected: message },
      })),
    );
  }
  const ref = `${definition.name}@${definition.version}`;
  const errors: DefinitionError[] = [];
  const compiled = {
    ref,
    ...(definition.record === undefined ? {} : { record: compileRecord(definition.record, errors) }),
    ...(definition.rules === undefined ? {} : { rules: compileRules(definition, errors) }),
  };
  if (errors.length > 0) throw new InvalidMapping(errors);
  return compiled;
}
