import { createHash, timingSafeEqual } from 'node:crypto';
import { ProblemError } from './problem.ts';

/** Answers whether a request's Authorization header carries the token. */
export type BearerCheck = (authorization: string | undefined) => boolean;

/** Compares hashes, in constant time: neither the token's length nor a common beginning shows in the time taken. */
export function bearerCheck(adminToken: string): BearerCheck {
  const expected = sha256(adminToken);
  return (authorization) => {
    const token = /^bearer +(\S+) *$/i.exec(authorization ?? '')?.[1];
    return timingSafeEqual(sha256(token ?? ''), expected) && token !== undefined;
  };
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text, 'utf8').digest();
}

/** 401: there is no token, or another one. */
export function unauthorized(): ProblemError {
  return new ProblemError(
    401,
    'unknown-token',
    'The bearer token is missing or not valid; send Authorization: Bearer with the adminToken of tokens.json.',
  );
}
