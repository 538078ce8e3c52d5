import type { JsonValue } from '../json.ts';
import { DEPTH_MAX, KEYS_MAX } from './limits.ts';

/** Why an item can't go on: a stable kebab-case code, and a sentence that names the field and the remedy but no value. */
export interface Problem {
  readonly code: string;
  readonly detail: string;
}

const LONE_SURROGATE = /\p{Cs}/u;

/** Characters of a key that are shown in a path. */
const SHOWN_KEY_LENGTH = 64;

interface Found extends Problem {
  /** From the inside out, joined when it is shown. */
  readonly path: string[];
}

/**
 * Checks what holds for any payload: depth, number of keys, text that can be stored, numbers that JSON can carry, no
 * `__proto__`. Safe on anything that `JSON.parse` answers.
 */
export function checkStructure(body: JsonValue, keysMax = KEYS_MAX): Problem | undefined {
  const found = new Walk(keysMax).check(body, 1);
  if (found === undefined) return undefined;
  const path = found.path.reverse().join('').replace(/^\./, '');
  return { code: found.code, detail: path === '' ? found.detail : `${path}: ${found.detail}` };
}

class Walk {
  readonly #keysMax: number;
  #keys = 0;

  constructor(keysMax: number) {
    this.#keysMax = keysMax;
  }

  check(value: JsonValue, depth: number): Found | undefined {
    if (typeof value === 'string') return isStorable(value) ? undefined : badText();
    if (typeof value === 'number') {
      return Number.isFinite(value)
        ? undefined
        : found('invalid-number', 'is too large a number; send it as a string');
    }
    if (typeof value !== 'object' || value === null) return undefined;
    if (depth > DEPTH_MAX) return found('too-deep', `nested deeper than ${DEPTH_MAX} levels; flatten it`);
    return Array.isArray(value) ? this.#checkList(value, depth) : this.#checkObject(value, depth);
  }

  #checkList(list: readonly JsonValue[], depth: number): Found | undefined {
    for (let index = 0; index < list.length; index += 1) {
      const problem = this.check(list[index] ?? null, depth + 1);
      if (problem !== undefined) {
        problem.path.push(`[${index}]`);
        return problem;
      }
    }
    return undefined;
  }

  #checkObject(object: Record<string, JsonValue>, depth: number): Found | undefined {
    const keys = Object.keys(object);
    this.#keys += keys.length;
    if (this.#keys > this.#keysMax)
      return found('too-many-keys', `more than ${this.#keysMax} keys in one message; split it`);
    for (const key of keys) {
      const problem = checkKey(key) ?? this.check(object[key] ?? null, depth + 1);
      if (problem !== undefined) {
        problem.path.push(`.${shownKey(key)}`);
        return problem;
      }
    }
    return undefined;
  }
}

function checkKey(key: string): Found | undefined {
  if (key === '__proto__') return found('forbidden-key', 'this key is not allowed; rename it');
  return isStorable(key) ? undefined : badText();
}

function isStorable(text: string): boolean {
  return !text.includes('\0') && !LONE_SURROGATE.test(text);
}

function badText(): Found {
  return found('invalid-text', 'holds a NUL character or half of a surrogate pair; send well-formed Unicode');
}

function found(code: string, detail: string): Found {
  return { code, detail, path: [] };
}

/** Printable whatever the key holds. */
function shownKey(key: string): string {
  const shown = key.length > SHOWN_KEY_LENGTH ? `${key.slice(0, SHOWN_KEY_LENGTH)}...` : key;
  return shown.replace(/[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu, '?');
}
