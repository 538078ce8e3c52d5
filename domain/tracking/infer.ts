import { compareText } from '../canonical.ts';
import type { JsonObject } from '../json.ts';
import { setOwn } from '../record.ts';
import { ELEMENTS, stepsOf } from '../quality/path.ts';
import { KIND, type FieldShape } from '../quality/field-tree.ts';
import type { EventShape } from '../quality/shape.ts';
import type { PlanRule } from './types.ts';

interface Branch {
  field: FieldShape | undefined;
  readonly children: Map<string, Branch>;
}

/**
 * Rules by which all that was seen would have kept to the plan: the kinds that each field had, and as required the
 * fields that every event had. A start to be read over: what was always so need not be meant so.
 */
export function inferRules(shapes: readonly EventShape[]): PlanRule[] {
  return [...shapes]
    .sort((a, b) => compareText(a.event, b.event))
    .map((shape) => ({
      event: shape.event,
      description: `Inferred from ${shape.events} events.`,
      schema: schemaOf(shape),
    }));
}

function schemaOf({ events, fields }: EventShape): JsonObject {
  const root: Branch = { field: undefined, children: new Map() };
  for (const [path, field] of Object.entries(fields)) place(root, path, field);
  const properties: JsonObject = {};
  for (const part of ['properties', 'traits']) {
    const branch = root.children.get(part);
    if (branch !== undefined) setOwn(properties, part, { type: 'object', ...members(branch, events) });
  }
  return { $schema: 'http://json-schema.org/draft-07/schema#', type: 'object', properties };
}

function place(root: Branch, path: string, field: FieldShape): void {
  let branch = root;
  for (const step of stepsOf(path)) {
    const child = branch.children.get(step) ?? { field: undefined, children: new Map<string, Branch>() };
    branch.children.set(step, child);
    branch = child;
  }
  branch.field = field;
}

/** `always` is the count of a member that every object had; undefined where objects were not counted one by one. */
function members(branch: Branch, always: number | undefined): JsonObject {
  const properties: JsonObject = {};
  const required: string[] = [];
  for (const [name, child] of [...branch.children].sort(([a], [b]) => compareText(a, b))) {
    if (name === ELEMENTS) continue;
    setOwn(properties, name, valueOf(child, always !== undefined));
    if (always !== undefined && child.field !== undefined && child.field.count >= always) required.push(name);
  }
  return { properties, ...(required.length === 0 ? {} : { required }) };
}

function valueOf(branch: Branch, counted: boolean): JsonObject {
  const kinds = branch.field?.kinds ?? 0;
  const types: string[] = [];
  if ((kinds & KIND.string) !== 0) types.push('string');
  if ((kinds & KIND.number) !== 0) types.push('number');
  else if ((kinds & KIND.integer) !== 0) types.push('integer');
  if ((kinds & KIND.boolean) !== 0) types.push('boolean');
  if ((kinds & KIND.object) !== 0) types.push('object');
  if ((kinds & KIND.array) !== 0) types.push('array');
  if ((kinds & KIND.null) !== 0) types.push('null');
  const [only] = types;
  const element = branch.children.get(ELEMENTS);
  return {
    ...(types.length === 0 ? {} : { type: types.length === 1 && only !== undefined ? only : types }),
    ...((kinds & KIND.object) === 0 ? {} : members(branch, counted ? branch.field?.count : undefined)),
    ...(element === undefined ? {} : { items: valueOf(element, false) }),
  };
}
