import { DEPTH_MAX, KEYS_MAX } from '../../../domain/ingestion/limits.ts';

/** A value and its place in its text: `start` inclusive, `end` exclusive. */
export interface Element {
  readonly start: number;
  readonly end: number;
  /**
   * True where its text alone shows that its structure can be accepted: no escapes (hence, in well-formed UTF-8, no NUL
   * and no half of a surrogate pair), no `__proto__`, no exponents nor endless numbers, and few levels and keys.
   */
  readonly plain: boolean;
}

const SPACE = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const NINE = 0x39;
const EXPONENTS: readonly number[] = [0x65, 0x45];
/** Numbers with fewer characters, and without an exponent, are finite. */
const NUMBER_CHARS_MAX = 300;

/**
 * Walks over text that `JSON.parse` has taken, so that nothing is checked here but where values begin and end. The hot
 * path of acceptance: a tenth of what parsing costs.
 */
class Walk {
  readonly #text: string;
  #at = 0;
  /** Place of the next backslash; the text's length where there is none. */
  #escape: number;
  /** Place of the next `__proto__`, escaped ones not counted; the text's length where there is none. */
  #proto: number;

  constructor(text: string) {
    this.#text = text;
    this.#escape = this.#find('\\', 0);
    this.#proto = this.#find('__proto__', 0);
  }

  /** The whole text as one element. */
  whole(): Element {
    return this.#value(this.#space());
  }

  /** The elements of the list under `member` of the outermost object; of the last such, as `JSON.parse` has it. */
  members(member: string): Element[] {
    let found: Element[] = [];
    if (this.#space() !== OPEN_OBJECT) return found;
    this.#at++;
    while (this.#space() !== CLOSE_OBJECT) {
      const from = this.#at;
      this.#string();
      const key = this.#text.slice(from, this.#at);
      this.#space();
      this.#at++;
      const next = this.#space();
      if (next === OPEN_LIST && JSON.parse(key) === member) found = this.#list();
      else this.#value(next);
      if (this.#space() === COMMA) this.#at++;
    }
    return found;
  }

  /** The outermost object without its members of a name, the others as they stand. */
  without(member: string): string {
    const kept: string[] = [];
    this.#space();
    this.#at++;
    while (this.#space() !== CLOSE_OBJECT) {
      const from = this.#at;
      const name = this.#name();
      this.#value(this.#space());
      if (name !== member) kept.push(this.#text.slice(from, this.#at));
      if (this.#space() === COMMA) this.#at++;
    }
    return `{${kept.join(',')}}`;
  }

  /** The name of the member that begins here; steps over its colon. */
  #name(): unknown {
    const from = this.#at;
    this.#string();
    const text = this.#text.slice(from, this.#at);
    this.#space();
    this.#at++;
    return JSON.parse(text);
  }

  #list(): Element[] {
    const found: Element[] = [];
    this.#at++;
    for (let next = this.#space(); next !== CLOSE_LIST; next = this.#space()) {
      if (next === COMMA) this.#at++;
      else found.push(this.#value(next));
    }
    this.#at++;
    return found;
  }

  /** The value that begins here, with `first`. */
  #value(first: number): Element {
    const start = this.#at;
    if (this.#escape < start) this.#escape = this.#find('\\', start);
    if (this.#proto < start) this.#proto = this.#find('__proto__', start);
    const escape = this.#escape;
    const fits =
      first === OPEN_OBJECT || first === OPEN_LIST
        ? this.#nested()
        : first === QUOTE
          ? this.#string()
          : this.#bare();
    const end = this.#at;
    return { start, end, plain: fits && escape >= end && this.#proto >= end };
  }

  /** An object or a list; answers whether its levels, keys and numbers are within the limits. */
  #nested(): boolean {
    const text = this.#text;
    let depth = 0;
    let deepest = 0;
    let keys = 0;
    let isFinite = true;
    let at = this.#at;
    do {
      const char = text.charCodeAt(at);
      if (char === QUOTE) {
        at = this.#closing(at);
      } else if (char === OPEN_OBJECT || char === OPEN_LIST) {
        if (++depth > deepest) deepest = depth;
      } else if (char === CLOSE_OBJECT || char === CLOSE_LIST) depth--;
      else if (char === COLON) keys++;
      else if (char <= NINE && char > COMMA) {
        this.#at = at;
        isFinite = this.#bare() && isFinite;
        at = this.#at;
        continue;
      }
      at++;
    } while (depth > 0);
    this.#at = at;
    return isFinite && deepest <= DEPTH_MAX && keys <= KEYS_MAX;
  }

  /** A string, from its opening quote to behind the closing one. */
  #string(): boolean {
    this.#at = this.#closing(this.#at) + 1;
    return true;
  }

  /** The quote that closes the string whose opening one is here. */
  #closing(opening: number): number {
    const text = this.#text;
    const quote = text.indexOf('"', opening + 1);
    if (this.#escape < opening) this.#escape = this.#find('\\', opening);
    if (this.#escape > quote) return quote;
    let at = opening + 1;
    for (let char = text.charCodeAt(at); char !== QUOTE; char = text.charCodeAt(at)) {
      at += char === BACKSLASH ? 2 : 1;
    }
    return at;
  }

  /** A number or a literal; answers whether it is surely finite. */
  #bare(): boolean {
    const start = this.#at;
    let hasExponent = false;
    const isLiteral = this.#text.charCodeAt(start) > NINE;
    for (;;) {
      const char = this.#text.charCodeAt(this.#at);
      if (char === COMMA || char === CLOSE_OBJECT || char === CLOSE_LIST || !(char > SPACE)) break;
      if (!isLiteral && EXPONENTS.includes(char)) hasExponent = true;
      this.#at++;
    }
    return !hasExponent && this.#at - start < NUMBER_CHARS_MAX;
  }

  /** Steps over white space; answers the character behind it. */
  #space(): number {
    let char = this.#text.charCodeAt(this.#at);
    while (char <= SPACE) char = this.#text.charCodeAt(++this.#at);
    return char;
  }

  #find(what: string, from: number): number {
    const at = this.#text.indexOf(what, from);
    return at === -1 ? this.#text.length : at;
  }
}

/** The elements of the list under `member` of the outermost object, as they stand in the text. The text must be JSON. */
export function listElements(text: string, member: string): readonly Element[] {
  return new Walk(text).members(member);
}

/** The text's one value. The text must be JSON. */
export function wholeElement(text: string): Element {
  return new Walk(text).whole();
}

/** The text of an object without its members of a name, however that is escaped. The text must be JSON. */
export function withoutMember(text: string, member: string): string {
  return new Walk(text).without(member);
}
