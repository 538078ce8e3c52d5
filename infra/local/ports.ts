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

/** A port that somebody asked for by a flag or a variable. */
export interface AskedPort {
  readonly what: string;
  /** What it is named by. */
  readonly by: string;
  readonly host: string;
  /** 0 takes any free one. */
  readonly port: number;
}

/** Gives out ports that are free, and none of them twice: whoever gets one begins to listen only later. */
export class PortClaims {
  readonly #claimed = new Map<number, AskedPort | undefined>();

  /** The ports asked for, or any free ones for 0, by the names they are asked under. Throws `StartFailure` where one can't be had. */
  async all<Name extends string>(asked: Readonly<Record<Name, AskedPort>>): Promise<Record<Name, number>> {
    const entries = Object.entries(asked) as [Name, AskedPort][];
    // Those with a number first: any other must be none of them.
    entries.sort(([, a], [, b]) => Number(a.port === 0) - Number(b.port === 0));
    const claimed: [Name, number][] = [];
    for (const [name, port] of entries) claimed.push([name, await this.#claim(port)]);
    return Object.fromEntries(claimed) as Record<Name, number>;
  }

  /** The preferred port where it is free, else any: for ports nobody has to know by heart. */
  async any(host: string, preferred = 0): Promise<number> {
    if (preferred !== 0 && !this.#claimed.has(preferred) && (await probe(host, preferred)) !== undefined) {
      this.#claimed.set(preferred, undefined);
      return preferred;
    }
    for (let tries = 0; tries < ANY_TRIES; tries += 1) {
      const port = await probePort(host, 0);
      if (port === undefined) break;
      if (this.#claimed.has(port)) continue;
      this.#claimed.set(port, undefined);
      return port;
    }
    throw noneLeft();
  }

  async #claim(asked: AskedPort): Promise<number> {
    const { what, by, host, port } = asked;
    if (port === 0) return this.any(host);
    const other = this.#claimed.get(port);
    if (other !== undefined) {
      throw new StartFailure(
        `${by} asks for port ${port}, and so does ${other.by}.`,
        'Give each a port of its own (0 takes any free one).',
      );
    }
    const free = await probe(host, port).catch((error: unknown) => {
      const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
      throw new StartFailure(
        `${what} can't listen on ${host}:${port} (${code}).`,
        `Choose another with ${by}${by === '--port' ? ' or --host' : ''}.`,
      );
    });
    if (free === undefined) {
      throw new StartFailure(
        `Port ${port}, which ${what} needs, is in use.`,
        `Stop what uses it, or choose another with ${by} (0 takes any free one).`,
      );
    }
    this.#claimed.set(port, asked);
    return port;
  }
}

function noneLeft(): StartFailure {
  return new StartFailure(
    `No free port was found between ${ANY_FIRST} and ${ANY_BEYOND - 1}.`,
    'Name the ports by flags, or close programs.',
  );
}
