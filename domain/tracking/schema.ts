import { z } from 'zod';
import { EVENT_NAME_MAX_LENGTH } from '../ingestion/limits.ts';

const name = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'expected small letters, digits and dashes, at most 63');
/** Rules of one plan. */
const RULES_MAX = 2_000;

/** How an event's schema may be written: what is in it is checked by `planProblems`. */
const jsonSchema = z.record(z.string(), z.json());
const mode = z.enum(['allow', 'warn', 'quarantine']);

/** The structure of a tracking plan; `planProblems` checks what a structure can't say. */
export const planDefinitionSchema = z.strictObject({
  name,
  description: z.string().max(2_000).default(''),
  sources: z.array(name).max(1_000).default([]),
  mode: mode.default('warn'),
  unplanned: mode.default('allow'),
  common: jsonSchema.optional(),
  rules: z
    .array(
      z.strictObject({
        event: z.string().min(1).max(EVENT_NAME_MAX_LENGTH),
        page: z.string().min(1).max(EVENT_NAME_MAX_LENGTH).optional(),
        description: z.string().max(5_000).optional(),
        schema: jsonSchema,
        mode: mode.optional(),
      }),
    )
    .max(RULES_MAX),
});
