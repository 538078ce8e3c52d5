import type { JsonObject } from '../json.ts';
import { compileProblem } from './compile.ts';
import { schemaProblem } from './json-schema.ts';
import type { PlanDefinition } from './types.ts';

/** One thing that is wrong with a plan; `path` names what to change. */
export interface PlanProblem {
  readonly path: string;
  readonly expected: string;
}

/** Names that are words of the API. */
const RESERVED = ['check', 'convert', 'infer', 'violations'];

function problemOf(path: string, schema: JsonObject): PlanProblem[] {
  const found = schemaProblem(schema);
  if (found !== undefined)
    return [{ path: found.path === '' ? path : `${path}.${found.path}`, expected: found.expected }];
  const compiled = compileProblem(schema);
  return compiled === undefined ? [] : [{ path, expected: `a schema that compiles: ${compiled}` }];
}

/** All that is wrong with a plan whose structure was checked; empty where it can be used. */
export function planProblems(plan: PlanDefinition): PlanProblem[] {
  const problems: PlanProblem[] = [];
  if (RESERVED.includes(plan.name))
    problems.push({ path: 'name', expected: `another name than ${plan.name}` });
  if (plan.common !== undefined) problems.push(...problemOf('common', plan.common));
  const seen = new Set<string>();
  for (const [index, { event, page, schema }] of plan.rules.entries()) {
    const key = JSON.stringify([event, page]);
    if (seen.has(key)) problems.push({ path: `rules.${index}.event`, expected: 'one rule for each event' });
    seen.add(key);
    problems.push(...problemOf(`rules.${index}.schema`, schema));
  }
  return problems;
}
