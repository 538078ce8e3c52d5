import { threadCode } from '../../thread-code.ts';

/** Where pump threads start. */
export function pumpThreadStart(): Promise<URL> {
  return threadCode(new URL('./pump.thread.ts', import.meta.url), new URL('./thread.mjs', import.meta.url));
}
