import { isThere } from './condition.ts';
import { TEXT, toText } from './convert.ts';
import { compilePath, type Getter } from './path.ts';
import type { Reader } from './value.ts';

const PLACEHOLDER = /\$\{([^}]+)\}/g;

/** Compiles a template; a string says what is wrong with it. */
export function compileTemplate(template: string, isRequired: boolean): Reader | string {
  const parts: (string | { readonly path: string; readonly get: Getter })[] = [];
  let end = 0;
  for (const match of template.matchAll(PLACEHOLDER)) {
    const path = match[1] ?? '';
    const get = compilePath(path);
    if (get === undefined) return 'template: expected a column name or a path between ${ and }';
    parts.push(template.slice(end, match.index), { path, get });
    end = match.index + match[0].length;
  }
  if (template.includes('${', end)) return 'template: expected } after each ${';
  parts.push(template.slice(end));
  return (scope) => {
    let text = '';
    for (const part of parts) {
      if (typeof part === 'string') {
        text += part;
        continue;
      }
      const value = part.get(scope);
      if (!isThere(value)) {
        return isRequired ? { error: `${part.path} is required and absent` } : { value: undefined };
      }
      const written = toText(value);
      if (written === undefined) return { error: `${part.path} is not ${TEXT}` };
      text += written;
    }
    return { value: text };
  };
}
