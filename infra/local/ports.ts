import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import { StartFailure } from './failure.ts';

/**
 * Any port is one below the ranges out of which systems give connections their own ends (Linux from 32768, macOS from
 * 49152): one from such a range is free when it is looked for, and may be some connection's end by the time a process
 * that was restarted wants it back.
 */
const ANY_FIRST = 15_000;
const ANY_BEYOND = 32_000;
const ANY_TRIES = 200;

/** The port asked for, or any for 0, if somebody could listen there now. Undefined where it is taken. */
export async function probePort(host: string, port: number): Promise<number | undefined> {
  if (port !== 0) return probe(host, port);
  for (let tries = 0; tries < ANY_TRIES; tries += 1) {
    const free = await probe(host, randomInt(ANY_FIRST, ANY_BEYOND));
    if (free !== undefined) return free;
  }
  return undefined;
}

function probe(host: string, port: number): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(undefined);
      else reject(error);
    });
    server.listen(port, host, () => {
      server.close(() => {
        resolve(port);
      });
    });
  });
}

/** The port asked for, or any free one for 0. Throws `StartFailure` where it can't be had. */
export async function claimPort(what: string, flag: string, host: string, port: number): Promise<number> {
  const free = await probePort(host, port).catch((error: unknown) => {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    throw new StartFailure(
      `${what} can't listen on ${host}:${port} (${code}).`,
      `Choose another with ${flag}${flag === '--port' ? ' or --host' : ''}.`,
    );
  });
  if (free !== undefined) return free;
  if (port === 0) throw noneLeft();
  throw new StartFailure(
    `Port ${port}, which ${what} needs, is in use.`,
    `Stop what uses it, or choose another with ${flag} (0 takes any free one).`,
  );
}

/** The preferred port where it is free, else any: for ports nobody has to know by heart. */
export async function anyPort(host: string, preferred: number): Promise<number> {
  const free = (await probePort(host, preferred)) ?? (await probePort(host, 0));
  if (free === undefined) throw noneLeft();
  return free;
}

function noneLeft(): StartFailure {
  return new StartFailure(
    `No free port was found between ${ANY_FIRST} and ${ANY_BEYOND - 1}.`,
    'Name the ports by flags, or close programs.',
  );
}
