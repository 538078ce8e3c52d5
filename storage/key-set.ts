import type { Key } from './ports.ts';

/** Keys that were met: by partition, whose text is hashed once however often it is asked for, which one text of both is not. */
export class KeySet {
  readonly #sks = new Map<string, string | Set<string>>();

  has({ pk, sk }: Key): boolean {
    const known = this.#sks.get(pk);
    return typeof known === 'string' ? known === sk : known?.has(sk) === true;
  }

  /** Adds a key; false where it was there already. */
  add({ pk, sk }: Key): boolean {
    const known = this.#sks.get(pk);
    if (known === undefined) this.#sks.set(pk, sk);
    else if (typeof known === 'string') {
      if (known === sk) return false;
      this.#sks.set(pk, new Set([known, sk]));
    } else {
      if (known.has(sk)) return false;
      known.add(sk);
    }
    return true;
  }
}
