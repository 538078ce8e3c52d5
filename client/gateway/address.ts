import { isIP } from 'node:net';
import type { FastifyRequest } from 'fastify';
import { ProblemError } from './problem.ts';

const HOST = /^[A-Za-z0-9.:[\]-]{1,255}$/;
const PROTOCOL = /^https?$/;

/**
 * Where the client sent its request to, as a proxy in front says, if it does: the proxy ends TLS and may go by another name here.
 * Whoever lies about it is told the lie, and nobody else. Throws `ProblemError` 400.
 */
export function addressOf(request: FastifyRequest): { readonly protocol: string; readonly host: string } {
  const { headers } = request;
  const protocol = firstLike(PROTOCOL, headers['x-forwarded-proto'], request.protocol) ?? 'http';
  const host = firstLike(HOST, headers['x-forwarded-host'], request.host);
  if (host === undefined) throw new ProblemError(400, 'bad-host', 'The Host header is not a host name.');
  return { protocol, host };
}

/** The address of the client, as far as trusted proxies tell: one that passes on what is no address is the sender itself. */
export function senderOf({ ip, socket }: FastifyRequest): string {
  return isIP(ip) === 0 ? (socket.remoteAddress ?? ip) : ip;
}

/** The first of the values that is as it must be. Each proxy adds its own behind those before it: the client's stands first. */
function firstLike(
  pattern: RegExp,
  ...values: readonly (string | string[] | undefined)[]
): string | undefined {
  return values
    .map((value = '') => String(value).replace(/,.*$/, '').trim())
    .find((one) => pattern.test(one));
}
