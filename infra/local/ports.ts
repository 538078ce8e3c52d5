import { createServer } from 'node:net';
import { StartFailure } from './failure.ts';

/** Whether somebody could listen there now, and on which port (0 asks for any). Undefined where it is taken. */
export function probePort(host: string, port: number): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(undefined);
      else reject(error);
    });
    server.listen(port, host, () => {
      const address = server.address();
      const bound = typeof address === 'object' && address !== null ? address.port : port;
      server.close(() => {
        resolve(bound);
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
  throw new StartFailure(
    `Port ${port}, which ${what} needs, is in use.`,
    `Stop what uses it, or choose another with ${flag} (0 takes any free one).`,
  );
}

/** The preferred port where it is free, else any: for ports nobody has to know by heart. */
export async function anyPort(host: string, preferred: number): Promise<number> {
  const free = (await probePort(host, preferred)) ?? (await probePort(host, 0));
  if (free === undefined) throw new StartFailure('No free port is left on this machine.', 'Close programs.');
  return free;
}
