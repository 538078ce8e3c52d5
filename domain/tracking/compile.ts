import { Ajv, type ErrorObject, type Options, type ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { fastFormats } from 'ajv-formats/dist/formats.js';
import type { CanonicalEvent } from '../ingestion/event.ts';
import type { JsonObject } from '../json.ts';
import { ownValue } from '../record.ts';
import { MATCHED_CHARS_MAX } from './pattern.ts';
import { stricter, type PlanMode, type PlanRule, type TrackingPlan, type Violation } from './types.ts';

/** Violations told of one event; one with more is wrong as a whole. */
const VIOLATIONS_MAX = 20;

/** How an event breaks its plan, and what is to become of it. */
export interface Judgement {
  readonly mode: PlanMode;
  readonly violations: readonly Violation[];
}

/** A plan made ready to judge events. */
export interface CompiledPlan {
  /** `name@version`. */
  readonly ref: string;
  /** Undefined for an event that keeps to the plan. */
  readonly judge: (event: CanonicalEvent) => Judgement | undefined;
}

type Check = (subject: object) => readonly ErrorObject[];

/** A pattern is not tried on long texts, which no name or code is: they do not match. */
class BoundedPattern {
  readonly #pattern: RegExp;

  constructor(pattern: string, flags: string) {
    this.#pattern = new RegExp(pattern, flags);
  }

  test(text: string): boolean {
    return text.length <= MATCHED_CHARS_MAX && this.#pattern.test(text);
  }
}

const regExp = Object.assign((pattern: string, flags: string) => new BoundedPattern(pattern, flags), {
  code: '',
});

const OPTIONS: Options = {
  allErrors: true,
  // Plans of others carry keywords of their own, such as labels.
  strict: false,
  logger: false,
  // Two rules may bring the same $id.
  addUsedSchema: false,
  formats: fastFormats,
  code: { regExp },
};

/** One compiler for each draft, made when first needed. */
function compilers(): (schema: JsonObject) => ValidateFunction {
  let draft7: Ajv | undefined;
  let draft2020: Ajv2020 | undefined;
  return (schema) => {
    const declared = ownValue(schema, '$schema');
    const rest = Object.fromEntries(Object.entries(schema).filter(([keyword]) => keyword !== '$schema'));
    return typeof declared === 'string' && declared.includes('2020-12')
      ? (draft2020 ??= new Ajv2020(OPTIONS)).compile(rest)
      : (draft7 ??= new Ajv(OPTIONS)).compile(rest);
  };
}

/** Compiles at the first event that needs it: a plan of hundreds of events is ready at once. Throws what ajv throws. */
function lazily(schema: JsonObject, compile: (schema: JsonObject) => ValidateFunction): Check {
  let validate: ValidateFunction | undefined;
  return (subject) => {
    validate ??= compile(schema);
    return validate(subject) ? [] : (validate.errors ?? []);
  };
}

interface CompiledRule {
  readonly mode: PlanMode;
  readonly check: Check;
}

/** Where a rule is found by: its event, and a page's name where it has one. */
function ruleKey(event: string, page?: string): string {
  return page === undefined ? event : `${event}\n${page}`;
}

function pageOf({ type, properties }: CanonicalEvent): string | undefined {
  if (type !== 'page' && type !== 'screen') return undefined;
  const name = ownValue(properties, 'name');
  return typeof name === 'string' ? name : undefined;
}

/** The event as its sender would have written it by the Segment spec, which is what schemas of plans describe. */
export function subjectOf(event: CanonicalEvent): object {
  const { type, messageId, timestamp, identifiers, properties, traits, context } = event;
  const subject: Record<string, unknown> = {
    type,
    event: event.event,
    messageId,
    timestamp,
    properties,
    traits,
  };
  if (context !== undefined) subject['context'] = context;
  for (const identifier of identifiers)
    if (identifier.type === 'userId' || identifier.type === 'anonymousId')
      subject[identifier.type] ??= identifier.value;
  if (type === 'group') {
    // A group's own traits are kept with the properties.
    subject['traits'] = ownValue(properties, 'traits') ?? {};
    subject['groupId'] = ownValue(properties, 'groupId');
  }
  return subject;
}

/** `/properties/products/0/price` as `properties.products[].price`: one path for all elements of a list. */
function dotted(pointer: string): string {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce((path, part) => (/^\d+$/.test(part) ? `${path}[]` : path === '' ? part : `${path}.${part}`), '');
}

function violationOf(event: string, error: ErrorObject): Violation {
  const { keyword, instancePath, message = 'must keep to its schema' } = error;
  const params = error.params as Record<string, unknown>;
  const named = params['missingProperty'] ?? params['additionalProperty'] ?? params['unevaluatedProperty'];
  const parent = dotted(instancePath);
  const path = typeof named !== 'string' ? parent : parent === '' ? named : `${parent}.${named}`;
  return {
    event,
    path,
    rule: keyword,
    expected: typeof named === 'string' ? (EXPECTED[keyword] ?? message) : message,
  };
}

/** Where the path names the property, the sentence need not. */
const EXPECTED: Readonly<Record<string, string>> = {
  required: 'must be there',
  additionalProperties: 'must not be there',
  unevaluatedProperties: 'must not be there',
};

/** Compiles a plan. Its schemas have been checked by `planProblems`; one that fails all the same breaks its events. */
export function compilePlan(plan: TrackingPlan): CompiledPlan {
  const compile = compilers();
  const rules = new Map<string, CompiledRule>();
  for (const rule of plan.rules)
    rules.set(ruleKey(rule.event, rule.page), {
      mode: rule.mode ?? plan.mode,
      check: lazily(rule.schema, compile),
    });
  const common = plan.common === undefined ? undefined : lazily(plan.common, compile);

  function run(check: Check, event: CanonicalEvent, subject: object): Violation[] {
    try {
      const errors = check(subject);
      return errors.slice(0, VIOLATIONS_MAX).map((error) => violationOf(event.event, error));
    } catch {
      const expected = 'must be judged by a schema that can be: this one fails; correct the plan';
      return [{ event: event.event, path: '', rule: 'unusable-schema', expected }];
    }
  }

  return {
    ref: `${plan.name}@${plan.version}`,
    judge(event) {
      const page = pageOf(event);
      const rule =
        (page === undefined ? undefined : rules.get(ruleKey(event.event, page))) ?? rules.get(event.event);
      const subject = subjectOf(event);
      const own: Violation[] =
        rule === undefined
          ? [{ event: event.event, path: '', rule: 'unplanned', expected: 'must be an event of the plan' }]
          : run(rule.check, event, subject);
      const shared = common === undefined ? [] : run(common, event, subject);
      if (own.length === 0 && shared.length === 0) return undefined;
      const ownMode = own.length === 0 ? 'allow' : rule === undefined ? plan.unplanned : rule.mode;
      const mode = shared.length === 0 ? ownMode : stricter(ownMode, plan.mode);
      return { mode, violations: [...own, ...shared] };
    },
  };
}

/** What ajv says against a schema; undefined where it compiles and can judge an event without content. */
export function compileProblem(schema: PlanRule['schema']): string | undefined {
  try {
    lazily(schema, compilers())({ type: 'track', event: '', properties: {}, traits: {} });
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : 'it can not be compiled';
  }
}
