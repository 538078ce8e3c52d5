import { mix32 } from './hash.ts';

/** A sequence of numbers in [0, 1) that is the same for the same seed: a counter through a 32-bit mixer. */
export function sequence(seed: number): () => number {
  let counter = seed | 0;
  return () => {
    counter = (counter + 0x9e3779b9) | 0;
    return (mix32(counter) >>> 0) / 0x1_0000_0000;
  };
}
