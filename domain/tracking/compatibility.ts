import { canonicalJson } from '../canonical.ts';
import { asObject } from '../ingestion/consent.ts';
import type { JsonObject, JsonValue } from '../json.ts';
import { ownValue } from '../record.ts';
import { MODES, type PlanDefinition, type PlanRule } from './types.ts';

/** One difference between two versions of a plan. */
export interface PlanChange {
  /** Empty for the plan as a whole. */
  readonly event: string;
  /** Dotted, within the event's schema. */
  readonly path: string;
  readonly change: string;
  /** True where an event that kept to the version before may break this one. */
  readonly breaking: boolean;
}

/** Limits that must not fall, and those that must not rise. */
const UPPER = ['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems', 'maxProperties', 'maxContains'];
const LOWER = ['minimum', 'exclusiveMinimum', 'minLength', 'minItems', 'minProperties', 'minContains'];
/** Keywords that say nothing about what is valid. */
const NOTES = new Set([
  ...['$schema', '$id', '$comment', 'title', 'description', 'default', 'examples', 'labels', 'deprecated'],
  ...['readOnly', 'writeOnly', 'definitions', '$defs', 'id', 'key'],
]);
/** Keywords with a comparison of their own. */
const COMPARED = new Set([
  ...['type', 'enum', 'const', 'required', 'properties', 'items', 'additionalProperties'],
  ...UPPER,
  ...LOWER,
]);

/**
 * What changed from one version of a plan to the next. A change counts as breaking unless it is seen to let through
 * everything that the version before let through; a property that was not described before may be described.
 */
export function comparePlans(before: PlanDefinition, after: PlanDefinition): PlanChange[] {
  const changes: PlanChange[] = [];
  const settings = (['mode', 'unplanned'] as const).filter((name) => before[name] !== after[name]);
  for (const name of settings) {
    const stricter = MODES.indexOf(after[name]) > MODES.indexOf(before[name]);
    const change = `${name} is ${after[name]}, was ${before[name]}`;
    changes.push({ event: '', path: name, change, breaking: stricter && after[name] === 'quarantine' });
  }
  const rulesBefore = byEvent(before.rules);
  const rulesAfter = byEvent(after.rules);
  for (const [key, rule] of rulesBefore) {
    const other = rulesAfter.get(key);
    if (other === undefined) {
      const breaking = after.unplanned !== 'allow';
      changes.push({ event: rule.event, path: '', change: 'is no longer planned', breaking });
    } else changes.push(...new Comparison(rule.event).compare(rule.schema, other.schema, ''));
  }
  for (const [key, rule] of rulesAfter)
    if (!rulesBefore.has(key))
      changes.push({ event: rule.event, path: '', change: 'is planned', breaking: false });
  return [...changes, ...new Comparison('').compare(before.common ?? {}, after.common ?? {}, 'common')];
}

function byEvent(rules: readonly PlanRule[]): Map<string, PlanRule> {
  return new Map(rules.map((rule) => [JSON.stringify([rule.event, rule.page]), rule]));
}

/** Compares the schemas of one event, place by place. */
class Comparison {
  readonly #event: string;
  readonly #changes: PlanChange[] = [];

  constructor(event: string) {
    this.#event = event;
  }

  compare(before: JsonValue, after: JsonValue, path: string): PlanChange[] {
    this.#schemas(before, after, path);
    return this.#changes;
  }

  #note(path: string, change: string, breaking: boolean): void {
    this.#changes.push({ event: this.#event, path, change, breaking });
  }

  #schemas(before: JsonValue, after: JsonValue, path: string): void {
    const a = asObject(before === true ? {} : before);
    const b = asObject(after === true ? {} : after);
    if (a === undefined || b === undefined) {
      if (canonicalJson(before) !== canonicalJson(after))
        this.#note(path, b === undefined ? 'nothing is valid any more' : 'may be there', b === undefined);
      return;
    }
    this.#types(a, b, path);
    this.#values(a, b, path);
    this.#required(a, b, path);
    this.#properties(a, b, path);
    this.#limits(a, b, path);
    if (asObject(a['items']) !== undefined || asObject(b['items']) !== undefined)
      this.#schemas(a['items'] ?? {}, b['items'] ?? {}, `${path}[]`);
    this.#rest(a, b, path);
  }

  #types(a: JsonObject, b: JsonObject, path: string): void {
    const [from, to] = [typesOf(a), typesOf(b)];
    if (canonicalJson(from) === canonicalJson(to)) return;
    const covers = (type: string): boolean =>
      to?.includes(type) === true || (type === 'integer' && to?.includes('number') === true);
    const wider = to === undefined || from?.every(covers) === true;
    this.#note(
      path,
      `is ${(to ?? ['anything']).join(' or ')}, was ${(from ?? ['anything']).join(' or ')}`,
      !wider,
    );
  }

  #values(a: JsonObject, b: JsonObject, path: string): void {
    const [from, to] = [valuesOf(a), valuesOf(b)];
    if (canonicalJson(from) === canonicalJson(to)) return;
    const wider = to === undefined || from?.every((value) => to.includes(value)) === true;
    this.#note(path, wider ? 'more values are permitted' : 'fewer values are permitted', !wider);
  }

  #required(a: JsonObject, b: JsonObject, path: string): void {
    const [from, to] = [namesIn(a['required']), namesIn(b['required'])];
    for (const name of to) if (!from.includes(name)) this.#note(join(path, name), 'is required', true);
    for (const name of from)
      if (!to.includes(name)) this.#note(join(path, name), 'is no longer required', false);
  }

  #properties(a: JsonObject, b: JsonObject, path: string): void {
    const from = asObject(a['properties']) ?? {};
    const to = asObject(b['properties']) ?? {};
    const closed = b['additionalProperties'] === false;
    if (closed && a['additionalProperties'] !== false) this.#note(path, 'takes no other properties', true);
    else if (canonicalJson(a['additionalProperties']) !== canonicalJson(b['additionalProperties']))
      this.#schemas(a['additionalProperties'] ?? {}, b['additionalProperties'] ?? {}, `${path}.*`);
    for (const name of Object.keys(from)) {
      const other = ownValue(to, name);
      if (other === undefined) this.#note(join(path, name), 'is no longer described', closed);
      else this.#schemas(from[name] ?? {}, other, join(path, name));
    }
    for (const name of Object.keys(to))
      if (!Object.hasOwn(from, name)) this.#note(join(path, name), 'is described', false);
  }

  #limits(a: JsonObject, b: JsonObject, path: string): void {
    for (const [keywords, sign] of [
      [UPPER, 1],
      [LOWER, -1],
    ] as const) {
      for (const keyword of keywords) {
        const [from, to] = [ownValue(a, keyword), ownValue(b, keyword)];
        if (from === to) continue;
        const wider =
          to === undefined || (typeof from === 'number' && typeof to === 'number' && (to - from) * sign > 0);
        this.#note(path, `${keyword} is ${shown(to)}, was ${shown(from)}`, !wider);
      }
    }
  }

  #rest(a: JsonObject, b: JsonObject, path: string): void {
    for (const keyword of new Set([...Object.keys(a), ...Object.keys(b)])) {
      if (NOTES.has(keyword) || COMPARED.has(keyword)) continue;
      if (canonicalJson(ownValue(a, keyword)) === canonicalJson(ownValue(b, keyword))) continue;
      const gone = !Object.hasOwn(b, keyword);
      this.#note(path, gone ? `${keyword} no longer holds` : `${keyword} is another`, !gone);
    }
  }
}

function typesOf(schema: JsonObject): string[] | undefined {
  const type = ownValue(schema, 'type');
  if (typeof type === 'string') return [type];
  return Array.isArray(type) ? type.map(String).sort() : undefined;
}

function valuesOf(schema: JsonObject): string[] | undefined {
  if (Object.hasOwn(schema, 'const')) return [canonicalJson(schema['const'])];
  const values = ownValue(schema, 'enum');
  return Array.isArray(values) ? values.map((value) => canonicalJson(value)).sort() : undefined;
}

function namesIn(value: JsonValue | undefined): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

function join(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}

function shown(value: JsonValue | undefined): string {
  return value === undefined ? 'not set' : JSON.stringify(value);
}
