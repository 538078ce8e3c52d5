import { StorageError } from '../errors.ts';

/** Ends the names of files, so that the key `a` and the folder of `a/b` do not meet. No encoded part contains it. */
const FILE_SUFFIX = '~';
const NAME_BYTES_MAX = 250;
const PLAIN = /^[A-Za-z0-9_=,@+-][A-Za-z0-9_=,@+.-]*$/;

/** The path parts of a key below the blobs' folder. Throws `StorageError` (`invalid-key`) for an unusable key. */
export function keyToParts(key: string): string[] {
  const parts = key.split('/').map(encodePart);
  const last = parts.length - 1;
  parts[last] = `${parts[last] ?? ''}${FILE_SUFFIX}`;
  if (parts.some((part) => part.length > NAME_BYTES_MAX)) {
    throw new StorageError(
      'invalid-key',
      `a part of a blob's key takes at most ${NAME_BYTES_MAX} encoded bytes`,
    );
  }
  return parts;
}

/** The folders that a prefix names wholly: `a/b/c` lies in `a/b`. */
export function prefixToFolders(prefix: string): string[] {
  return prefix.split('/').slice(0, -1).map(encodePart);
}

/** A folder's entry as the part of a key that it stands for, folders with a slash at the end. */
export function entryToPart(name: string): string {
  return name.endsWith(FILE_SUFFIX) ? decodePart(name.slice(0, -FILE_SUFFIX.length)) : `${decodePart(name)}/`;
}

function encodePart(part: string): string {
  if (part === '') throw new StorageError('invalid-key', "a blob's key must have no empty part");
  if (PLAIN.test(part)) return part;
  let name = '';
  for (const byte of Buffer.from(part)) {
    const char = String.fromCharCode(byte);
    name += PLAIN.test(char) ? char : `%${byte.toString(16).padStart(2, '0')}`;
  }
  return name;
}

function decodePart(name: string): string {
  return name.includes('%') ? decodeURIComponent(name) : name;
}
