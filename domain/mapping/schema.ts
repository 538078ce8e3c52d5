import { z } from 'zod';

const path = z.string().min(1).max(500);
const VALUE_FORMS =
  'expected {path, ...}, {const}, {template}, {first}, {when, then}, {sum}, {subtract}, {multiply}, {minorUnits, currency}, {list}, {object} or {each, item}';
/** Values and conditions of one definition within one another. */
const NESTING_MAX = 12;

const conversion = z.enum([
  'string',
  'number',
  'integer',
  'decimal',
  'boolean',
  'date',
  'datetime',
  'epoch-seconds',
  'epoch-millis',
  'lowercase',
  'trim',
]);

const noPrototype = <T>(record: Record<string, T>): boolean =>
  !Object.hasOwn(record, '__proto__') && Object.keys(record).length <= 500;
const NAMES = { error: 'expected at most 500 names, none of them __proto__' };

const condition: z.ZodType = z.lazy(() =>
  z.union(
    [
      z.strictObject({ path, equals: z.json() }),
      z.strictObject({ path, in: z.array(z.json()).min(1).max(500) }),
      z.strictObject({ path, exists: z.boolean() }),
      z.strictObject({ path, matches: z.string().min(1).max(500) }),
      z.strictObject({ all: z.array(condition).min(1).max(50) }),
      z.strictObject({ any: z.array(condition).min(1).max(50) }),
      z.strictObject({ not: condition }),
    ],
    { error: 'expected {path, equals | in | exists | matches}, {all}, {any} or {not}' },
  ),
);

const pathSource = z.strictObject({
  path,
  split: z.string().min(1).max(10).optional(),
  as: conversion.optional(),
  format: z.string().min(1).max(60).optional(),
  lookup: z.record(z.string().max(500), z.json()).refine(noPrototype, NAMES).optional(),
  orKeep: z.boolean().optional(),
  default: z.json().optional(),
  required: z.boolean().optional(),
});

const several = (): z.ZodType => z.array(valueSource).min(1).max(50);

const valueSource: z.ZodType = z.lazy(() =>
  z.union(
    [
      pathSource,
      z.strictObject({ const: z.json() }),
      z.strictObject({ template: z.string().min(1).max(500), required: z.boolean().optional() }),
      z.strictObject({ first: several(), required: z.boolean().optional() }),
      z.strictObject({ when: condition, then: valueSource, else: valueSource.optional() }),
      z.strictObject({ sum: several() }),
      z.strictObject({ subtract: several() }),
      z.strictObject({ multiply: several() }),
      z.strictObject({ minorUnits: valueSource, currency: valueSource }),
      z.strictObject({ list: several() }),
      z.strictObject({ object: fields }),
      z.strictObject({ each: path, item: valueSource }),
    ],
    { error: VALUE_FORMS },
  ),
);

const fields = z.record(z.string().min(1).max(200), valueSource).refine(noPrototype, NAMES);

const pair = z.strictObject({
  into: z.enum(['traits', 'properties']),
  each: path.optional(),
  name: valueSource,
  value: valueSource,
});

const pattern = z.string().min(1).max(200);

const members = z.strictObject({
  into: z.enum(['traits', 'properties']),
  of: path,
  matches: z.array(pattern).min(1).max(50),
  except: z.array(pattern).max(200).optional(),
});

const record = z.strictObject({
  type: z.enum(['identify', 'track', 'page', 'screen', 'group', 'alias']),
  event: valueSource.optional(),
  messageId: valueSource.optional(),
  timestamp: valueSource.optional(),
  identifiers: fields,
  properties: fields.optional(),
  traits: fields.optional(),
  pairs: z.array(pair).max(20).optional(),
  members: z.array(members).max(20).optional(),
});

const person = z
  .record(
    z.string().regex(/^[A-Za-z][A-Za-z0-9_]{0,39}$/),
    z.array(z.string().min(1).max(200)).min(1).max(10),
  )
  .refine((fields) => Object.keys(fields).length <= 40, { error: 'expected at most 40 fields' });

const rule = record.extend({
  name: z.string().min(1).max(100),
  when: condition.optional(),
  each: path.optional(),
});

/** The parts of a definition, for those who take them one by one. */
export const mappingParts = {
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'expected small letters, digits and dashes'),
  description: z.string().max(2_000),
  record,
  rules: z.array(rule).min(1).max(200),
  ignore: z.array(condition).max(200),
  person,
};

/** The structure of a mapping's definition; `compileMapping` checks what a structure can't say. */
export const mappingDefinitionSchema = z
  .strictObject({
    name: mappingParts.name,
    version: z.int().min(1),
    description: mappingParts.description,
    kind: z.enum(['segment', 'record', 'rules']),
    record: mappingParts.record.optional(),
    rules: mappingParts.rules.optional(),
    ignore: mappingParts.ignore.optional(),
    person: mappingParts.person.optional(),
  })
  .refine((definition) => (definition.kind === 'record') === (definition.record !== undefined), {
    path: ['record'],
    error: 'expected for the kind `record`, and for no other',
  })
  .refine((definition) => (definition.kind === 'rules') === (definition.rules !== undefined), {
    path: ['rules'],
    error: 'expected for the kind `rules`, and for no other',
  })
  .refine((definition) => definition.kind === 'rules' || definition.ignore === undefined, {
    path: ['ignore'],
    error: 'expected for the kind `rules` alone',
  });

/** Whether a definition is nested no deeper than any sensible one; asked before the structure, which recurses. */
export function isShallow(definition: unknown): boolean {
  let level: unknown[] = [definition];
  // A value or condition is an object in an object or a list: two levels of JSON.
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > NESTING_MAX * 2) return false;
    level = level.flatMap((value) =>
      typeof value === 'object' && value !== null ? (Object.values(value) as unknown[]) : [],
    );
  }
  return true;
}
