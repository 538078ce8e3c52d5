import type { CanonicalEvent } from '../ingestion/event.ts';
import type { RawItem } from '../ingestion/raw.ts';
import type { JsonObject } from '../json.ts';
import { compileCondition, isThere, type Test } from './condition.ts';
import { compilePath, type Getter } from './path.ts';
import {
  compileRecord,
  invalidRecord,
  makeEvent,
  noIdentifier,
  type CompiledRecord,
  type DefinitionError,
} from './record.ts';
import type { MapContext, Mapped } from './result.ts';
import { elementOf, scopeOf, type Scope } from './scope.ts';
import type { Condition, MappingDefinition, RuleMapping } from './types.ts';

/** Events of one record; one that makes more is not one record. */
const EVENTS_MAX = 1_000;

interface CompiledRule {
  readonly name: string;
  readonly when: Test | undefined;
  readonly each: { readonly path: string; readonly get: Getter } | undefined;
  readonly record: CompiledRecord;
}

/** Rules made ready to run. */
export interface CompiledRules {
  readonly rules: readonly CompiledRule[];
  readonly ignore: readonly Test[];
}

/** Compiles the rules of a definition; what is wrong with them is added to `errors`. */
export function compileRules(definition: MappingDefinition, errors: DefinitionError[]): CompiledRules {
  const test = (condition: Condition, path: string): Test => {
    const compiled = compileCondition(condition);
    if (typeof compiled !== 'string') return compiled;
    errors.push({ path, expected: compiled });
    return () => false;
  };
  const rules = (definition.rules ?? []).map((rule, place): CompiledRule => {
    const at = `rules.${place}`;
    return {
      name: rule.name,
      when: rule.when === undefined ? undefined : test(rule.when, `${at}.when`),
      each: compileEach(rule, `${at}.each`, errors),
      record: compileRecord(rule, errors, at),
    };
  });
  if (rules.length === 0) errors.push({ path: 'rules', expected: 'at least one rule' });
  return { rules, ignore: (definition.ignore ?? []).map((condition, i) => test(condition, `ignore.${i}`)) };
}

function compileEach(rule: RuleMapping, at: string, errors: DefinitionError[]): CompiledRule['each'] {
  if (rule.each === undefined) return undefined;
  const get = compilePath(rule.each);
  if (get !== undefined) return { path: rule.each, get };
  errors.push({ path: at, expected: 'a path such as $.items' });
  return undefined;
}

/** One record as the events of all rules that take it; all of them or, where one can't be made, none. */
export function mapRules(
  { rules, ignore }: CompiledRules,
  record: JsonObject,
  item: RawItem,
  mapping: string,
  given: MapContext,
): Mapped {
  const whole = scopeOf(record, item.delivery);
  const events: CanonicalEvent[] = [];
  const errors: string[] = [];
  const nobody: string[] = [];
  let taken = false;
  for (const { name, when, each, record: fields } of rules) {
    if (when?.(whole) === false) continue;
    taken = true;
    for (const { scope, at } of scopesOf(whole, each, name, errors)) {
      if (events.length >= EVENTS_MAX) return tooMany();
      const made = makeEvent(fields, scope, item, mapping, given);
      if (made.kind === 'event') events.push(made.event);
      else if (made.kind === 'invalid') errors.push(...made.errors.map((error) => `${at}: ${error}`));
      else nobody.push(`${at}: ${made.types}`);
    }
  }
  if (errors.length > 0) return invalidRecord(errors);
  if (events.length > 0) return { ok: true, events };
  // What names nobody beside events that name somebody (a blocked address among recipients) is no fault of the record.
  if (ignore.some((test) => test(whole))) return { ok: true, events: [] };
  if (nobody.length > 0) return noIdentifier(nobody.join(', '));
  return taken ? { ok: true, events: [] } : unknownRecord(mapping);
}

function scopesOf(
  whole: Scope,
  each: CompiledRule['each'],
  name: string,
  errors: string[],
): readonly { readonly scope: Scope; readonly at: string }[] {
  if (each === undefined) return [{ scope: whole, at: name }];
  const list = each.get(whole);
  if (!isThere(list)) return [];
  if (!Array.isArray(list)) {
    errors.push(`${name}: ${each.path} is not a list`);
    return [];
  }
  return list.map((element, index) => ({
    scope: elementOf(whole, element, index),
    at: `${name}: ${each.path}[${index}]`,
  }));
}

function tooMany(): Mapped {
  return {
    ok: false,
    code: 'too-many-events',
    detail: `the record makes more than ${EVENTS_MAX} events; split it`,
  };
}

function unknownRecord(mapping: string): Mapped {
  return {
    ok: false,
    code: 'unknown-record',
    detail: `no rule of ${mapping} takes this kind of record; add a rule for it, or a condition under ignore`,
  };
}
