import { spawn } from 'node:child_process';
import { PortClaims } from '../../infra/local/ports.ts';

/** A server that runs beside the tests. */
export interface ChildService {
  readonly port: number;
  /** Ends it and waits until it is gone. */
  stop(): Promise<void>;
}

/** How to run a service. `command` gets its port; `ready` is the path that answers, whatever the status. */
export interface ServiceSpec {
  readonly name: string;
  readonly command: (port: number) => readonly [string, ...string[]];
  readonly env?: (port: number) => Record<string, string>;
  readonly ready: string;
}

const READY_MS = 60_000;
const POLL_MS = 50;
const OUTPUT_CHARS_MAX = 4_000;
/** Ends the service when our end of its standard input closes, so that it outlives us in no case, not even kill -9. */
const GUARD =
  'exec 3<&0; "$@" 3<&- & child=$!; (cat <&3 >/dev/null; kill -9 $child) 2>/dev/null & wait $child';

/** Starts a service on a free port and waits until it answers. Throws, with what it printed, if it does not. */
export async function startService(spec: ServiceSpec): Promise<ChildService> {
  const port = await new PortClaims().any('127.0.0.1');
  const child = spawn('sh', ['-c', GUARD, 'guard', ...spec.command(port)], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...spec.env?.(port) },
  });
  let output = '';
  const keep = (data: Buffer): void => {
    output = (output + data.toString()).slice(-OUTPUT_CHARS_MAX);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  child.stdin.on('error', () => undefined);
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => {
      resolve();
    });
  });
  const stop = async (): Promise<void> => {
    child.stdin.end();
    await exited;
  };
  try {
    await untilReady(`http://127.0.0.1:${port}${spec.ready}`, () => child.exitCode !== null);
  } catch (cause) {
    await stop();
    throw new Error(`${spec.name} did not start:\n${output}`, { cause });
  }
  // The service alone must not keep the tests' process from ending.
  child.unref();
  return { port, stop };
}

async function untilReady(url: string, hasEnded: () => boolean): Promise<void> {
  const deadline = Date.now() + READY_MS;
  while (Date.now() < deadline) {
    if (hasEnded()) throw new Error('it ended');
    try {
      await fetch(url, { signal: AbortSignal.timeout(2_000) });
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }
  throw new Error(`it did not answer within ${READY_MS} ms`);
}
