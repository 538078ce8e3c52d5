/** Runs `work` over `inputs`, at most `width` at once, answering in their order. The first failure is thrown. */
export async function mapBounded<I, O>(
  inputs: readonly I[],
  width: number,
  work: (input: I) => Promise<O>,
): Promise<O[]> {
  const outputs: O[] = new Array<O>(inputs.length);
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < inputs.length) {
      const at = next;
      next += 1;
      outputs[at] = await work(inputs[at] as I);
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, inputs.length) }, worker));
  return outputs;
}
