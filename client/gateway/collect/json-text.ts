/** Where a text stops being JSON: `offset` in UTF-16 units from 0, `line` and `column` from 1. */
export interface TextPosition {
  readonly offset: number;
  readonly line: number;
  readonly column: number;
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
// eslint-disable-next-line no-control-regex -- JSON strings must not hold control characters
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const LITERAL = /true|false|null/y;
const SPACE = /[ \t\n\r]*/y;

/**
 * Reads JSON text without building values: says where it is broken. For the rare cases alone, since V8's messages name no position reliably and quote the input. Not recursive: depth
 * costs no stack.
 */
class Scanner {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** Offset of the first character that can't be there, or undefined where the text is JSON. */
  scan(): number | undefined {
    const open: ('{' | '[')[] = [];
    let wanted: 'value' | 'first' | 'key' | 'firstKey' | 'after' = 'value';
    this.#space();
    for (;;) {
      const char = this.#text[this.#at];
      if (wanted === 'after') {
        this.#space();
        const top = open.at(-1);
        const next = this.#text[this.#at];
        if (top === undefined) return this.#at === this.#text.length ? undefined : this.#at;
        if (next === ',') {
          this.#step();
          wanted = top === '{' ? 'key' : 'value';
        } else if (next === (top === '{' ? '}' : ']')) {
          open.pop();
          this.#at++;
        } else return this.#at;
      } else if (wanted === 'key' || wanted === 'firstKey') {
        if (wanted === 'firstKey' && char === '}') {
          open.pop();
          this.#at++;
          wanted = 'after';
          continue;
        }
        if (!this.#match(STRING)) return this.#at;
        this.#space();
        if (this.#text[this.#at] !== ':') return this.#at;
        this.#step();
        wanted = 'value';
      } else {
        if (wanted === 'first' && char === ']') {
          open.pop();
          this.#at++;
          wanted = 'after';
        } else if (char === '{' || char === '[') {
          open.push(char);
          this.#step();
          wanted = char === '{' ? 'firstKey' : 'first';
        } else if (this.#match(STRING) || this.#match(NUMBER) || this.#match(LITERAL)) wanted = 'after';
        else return this.#at;
      }
    }
  }

  #match(pattern: RegExp): boolean {
    pattern.lastIndex = this.#at;
    if (!pattern.test(this.#text)) return false;
    this.#at = pattern.lastIndex;
    return true;
  }

  #step(): void {
    this.#at++;
    this.#space();
  }

  #space(): void {
    this.#match(SPACE);
  }
}

/** Where the text stops being JSON; undefined where it is JSON. */
export function brokenAt(text: string): TextPosition | undefined {
  const offset = new Scanner(text).scan();
  if (offset === undefined) return undefined;
  const before = text.slice(0, offset);
  const lineStart = before.lastIndexOf('\n') + 1;
  return { offset, line: before.split('\n').length, column: offset - lineStart + 1 };
}
