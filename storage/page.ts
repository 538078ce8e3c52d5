import { StorageError } from './errors.ts';

/** Items of a page where the caller names no limit, and the most it may name. */
export const PAGE_ITEMS_DEFAULT = 100;
export const PAGE_ITEMS_MAX = 1_000;

/** A cursor that no list of ours made; a fault of the caller. */
export class InvalidCursor extends StorageError {
  readonly field = 'cursor';
  constructor() {
    super(
      'invalid-cursor',
      'cursor: is not one that this list answered; leave it out to start from the beginning',
    );
  }
}

const CURSOR_CHARS_MAX = 2_048;

/** An opaque base64url cursor that holds `parts`: where the page ended. It is not secret and must hold no personal data. */
export function encodeCursor(parts: readonly string[]): string {
  return Buffer.from(JSON.stringify(parts)).toString('base64url');
}

/** The parts of a cursor, exactly `count` of them. Throws `InvalidCursor`. */
export function decodeCursor(cursor: string, count: number): string[] {
  if (cursor.length > CURSOR_CHARS_MAX || !/^[A-Za-z0-9_-]+$/.test(cursor)) throw new InvalidCursor();
  let parts: unknown;
  try {
    parts = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    throw new InvalidCursor();
  }
  if (!Array.isArray(parts) || parts.length !== count) throw new InvalidCursor();
  return parts.map((part: unknown) => {
    if (typeof part !== 'string' || part === '') throw new InvalidCursor();
    return part;
  });
}

/** The number of items to answer: the caller's wish within 1 and `PAGE_ITEMS_MAX`. */
export function pageLimit(limit: number | undefined): number {
  if (limit === undefined || !Number.isInteger(limit)) return PAGE_ITEMS_DEFAULT;
  return Math.min(Math.max(limit, 1), PAGE_ITEMS_MAX);
}
