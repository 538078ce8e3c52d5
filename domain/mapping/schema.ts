import { z } from 'zod';

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

const valueSource = z.union(
  [
    z.strictObject({
      path: z.string().min(1).max(500),
      as: conversion.optional(),
      default: z.json().optional(),
      required: z.boolean().optional(),
    }),
    z.strictObject({ const: z.json() }),
    z.strictObject({ template: z.string().min(1).max(500) }),
  ],
  { error: 'expected {path, as?, default?, required?}, {const} or {template}' },
);

const fields = z
  .record(z.string().min(1).max(200), valueSource)
  .refine((record) => !Object.hasOwn(record, '__proto__') && Object.keys(record).length <= 500, {
    error: 'expected at most 500 names, none of them __proto__',
  });

const record = z.strictObject({
  type: z.enum(['identify', 'track', 'page', 'screen', 'group', 'alias']),
  event: valueSource.optional(),
  messageId: valueSource.optional(),
  timestamp: valueSource.optional(),
  identifiers: fields,
  properties: fields.optional(),
  traits: fields.optional(),
});

/** The structure of a mapping's definition; `compileMapping` checks what a structure can't say. */
export const mappingDefinitionSchema = z
  .strictObject({
    name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'expected small letters, digits and dashes'),
    version: z.int().min(1),
    description: z.string().max(2_000),
    kind: z.enum(['segment', 'record']),
    record: record.optional(),
  })
  .refine((definition) => (definition.kind === 'record') === (definition.record !== undefined), {
    path: ['record'],
    error: 'expected for the kind `record`, and for no other',
  });
