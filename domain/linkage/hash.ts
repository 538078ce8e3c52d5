/** Finalizer of MurmurHash3 (Austin Appleby, public domain): spreads every bit of a 32-bit number over all. */
export function mix32(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/** Hash of two hashes in order. */
export function combine(left: number, right: number): number {
  return mix32(Math.imul(left, 0x9e3779b1) ^ right) | 0;
}

/** FNV-1a over UTF-16 units, 32 bits. */
export function hashText(text: string): number {
  let h = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) h = Math.imul(h ^ text.charCodeAt(at), 0x01000193);
  return h | 0;
}
