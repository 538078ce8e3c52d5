import { readFile } from 'node:fs/promises';
import { CliFailure } from './failure.ts';

/** What a JSON file holds. Throws `CliFailure` with the remedy where it holds none. */
export async function jsonIn(file: string, remedy: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch {
    throw new CliFailure(`${file} holds no JSON that can be read.`, remedy);
  }
}
