const PLAIN = /^[^.[\]"]+$/;
const STEP = /(?:^|\.)([^.[\]"]+)|\[\]|\[("(?:[^"\\]|\\.)*")\]/gy;

/** The step to all elements of a list, written `[]`; no name of a member holds it. */
export const ELEMENTS = '\0';

/** The path of all elements of a list. */
export function elementsPath(parent: string): string {
  return `${parent}[]`;
}

/** The path of a member: `a.b`, or `a["b.c"]` where a name holds what separates names. */
export function memberPath(parent: string, name: string): string {
  return PLAIN.test(name) ? `${parent}.${name}` : `${parent}[${JSON.stringify(name)}]`;
}

/** The names along a path, `ELEMENTS` for the elements of a list. */
export function stepsOf(path: string): string[] {
  return [...path.matchAll(STEP)].map(([, plain, quoted]) =>
    quoted === undefined ? (plain ?? ELEMENTS) : String(JSON.parse(quoted)),
  );
}
