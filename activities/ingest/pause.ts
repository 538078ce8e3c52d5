/** Waits, or returns early when the signal fires. */
export function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
      return;
    }
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });
}

/** Lets timers, heartbeats and other requests run; called between slices of long loops. */
export function breathe(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
