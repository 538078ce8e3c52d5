import { asObject } from '../ingestion/consent.ts';
import type { JsonObject, JsonValue } from '../json.ts';
import { ownValue } from '../record.ts';
import { CALL_EVENTS, type PlanRule } from './types.ts';

/** What a Segment tracking plan says, in our form, and what of it could not be taken over. */
export interface ConvertedPlan {
  readonly description: string;
  readonly rules: readonly PlanRule[];
  readonly common?: JsonObject;
  readonly notes: readonly string[];
}

const CALLS: Readonly<Record<string, keyof typeof CALL_EVENTS | 'track'>> = {
  TRACK: 'track',
  IDENTIFY: 'identify',
  GROUP: 'group',
  PAGE: 'page',
  SCREEN: 'screen',
};

/**
 * Reads a tracking plan as Segment documents it, in either of its forms: rules of the Public API
 * (`rules: [{type: "TRACK", key, jsonSchema, version}]`, alone or within `data`), and of the older Config API
 * (`rules: {events: [{name, rules}], global, identify, group}`). Undefined where it is neither.
 */
export function convertSegmentPlan(given: JsonValue): ConvertedPlan | undefined {
  const outer = Array.isArray(given) ? { rules: given } : asObject(given);
  if (outer === undefined) return undefined;
  const inner = asObject(outer['data']) ?? outer;
  const plan = asObject(inner['trackingPlan']) ?? inner;
  const rules = ownValue(inner, 'rules') ?? ownValue(plan, 'rules');
  const description = text(plan['description']) ?? text(plan['display_name']) ?? text(plan['name']) ?? '';
  if (Array.isArray(rules)) return { description, ...fromList(rules) };
  const grouped = asObject(rules);
  return grouped === undefined ? undefined : { description, ...fromGroups(grouped) };
}

/** Collects rules; of several versions of one event the newest is kept. */
class Collected {
  readonly notes: string[] = [];
  readonly #rules = new Map<string, { readonly rule: PlanRule; readonly version: number }>();

  add(rule: PlanRule, version: number): void {
    const key = JSON.stringify([rule.event, rule.page]);
    const before = this.#rules.get(key);
    if (before !== undefined) this.notes.push(`${rule.event}: of several versions the newest is taken`);
    if (before === undefined || before.version <= version) this.#rules.set(key, { rule, version });
  }

  get rules(): PlanRule[] {
    return [...this.#rules.values()].map(({ rule }) => rule);
  }
}

function fromList(list: readonly JsonValue[]): Omit<ConvertedPlan, 'description'> {
  const collected = new Collected();
  let common: JsonObject | undefined;
  for (const [index, entry] of list.entries()) {
    const rule = asObject(entry) ?? {};
    const schema = asObject(rule['jsonSchema'] ?? rule['json_schema']);
    const type = text(rule['type'])?.toUpperCase() ?? '';
    const call = ownValue(CALLS, type);
    const key = text(rule['key']);
    if (schema === undefined) collected.notes.push(`rules.${index}: has no jsonSchema and is left out`);
    else if (type === 'COMMON') common = schema;
    else if (call === undefined) collected.notes.push(`rules.${index}: its type is unknown; it is left out`);
    else if (call === 'track' && key === undefined)
      collected.notes.push(`rules.${index}: names no event and is left out`);
    else collected.add(ruleOf(call, key, schema), Number(rule['version'] ?? 1));
  }
  return { rules: collected.rules, notes: collected.notes, ...(common === undefined ? {} : { common }) };
}

function fromGroups(groups: JsonObject): Omit<ConvertedPlan, 'description'> {
  const collected = new Collected();
  const events = groups['events'];
  for (const [index, entry] of (Array.isArray(events) ? events : []).entries()) {
    const event = asObject(entry) ?? {};
    const [name, schema] = [text(event['name']), asObject(event['rules'])];
    if (name === undefined || schema === undefined)
      collected.notes.push(`rules.events.${index}: has no name or no rules and is left out`);
    else {
      const described = text(event['description']);
      const rule = ruleOf('track', name, schema);
      const version = Number(event['version'] ?? 1);
      collected.add(described === undefined ? rule : { ...rule, description: described }, version);
    }
  }
  for (const call of ['identify', 'group', 'page', 'screen'] as const) {
    const schema = asObject(groups[call]);
    if (schema !== undefined && Object.keys(schema).length > 0)
      collected.add(ruleOf(call, undefined, schema), 1);
  }
  const common = asObject(groups['global']);
  const isGiven = common !== undefined && Object.keys(common).length > 0;
  return { rules: collected.rules, notes: collected.notes, ...(isGiven ? { common } : {}) };
}

function ruleOf(
  call: keyof typeof CALL_EVENTS | 'track',
  key: string | undefined,
  schema: JsonObject,
): PlanRule {
  const described = text(schema['description']);
  const description = described === undefined ? {} : { description: described };
  if (call === 'track') return { event: key?.trim() ?? '', ...description, schema };
  const event = CALL_EVENTS[call] ?? '';
  const page = (call === 'page' || call === 'screen') && key !== undefined ? { page: key } : {};
  return { event, ...page, ...description, schema };
}

function text(value: JsonValue | undefined): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value : undefined;
}
