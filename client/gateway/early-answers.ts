import { maxHeaderSize, STATUS_CODES, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { PROBLEM_JSON, ProblemError } from './problem.ts';

/** A slow sender is cut off: head and body must be here within these. */
const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 30_000;
/** A profile's address is a path parameter; identifiers can be long, and are escaped. */
const PARAM_CHARS_MAX = 4_096;

/**
 * Limits of the server that hold before a route is found, and what is answered where they are broken. A path is never repeated:
 * it may hold an identifier.
 */
export function earlyAnswers(onRefused: (code: string) => void) {
  return {
    requestTimeout: REQUEST_TIMEOUT_MS,
    http: { headersTimeout: HEADERS_TIMEOUT_MS },
    routerOptions: { maxParamLength: PARAM_CHARS_MAX },
    frameworkErrors: (
      { code }: { readonly code: string },
      _request: unknown,
      reply: { readonly raw: ServerResponse },
    ): void => {
      const problem = pathProblem(code);
      onRefused(problem.code);
      const { headers, body } = written(problem);
      reply.raw.writeHead(problem.status, headers).end(body);
    },
    clientErrorHandler: ({ code }: { readonly code: string }, socket: Socket): void => {
      // Nobody is there any more to be told.
      if (code === 'ECONNRESET' || socket.destroyed) return;
      const problem = connectionProblem(code);
      onRefused(problem.code);
      if (socket.writable) socket.write(rawAnswer(problem));
      socket.destroySoon();
    },
  };
}

function pathProblem(code: string): ProblemError {
  if (code === 'FST_ERR_MAX_PARAM_LENGTH') {
    return new ProblemError(
      414,
      'path-too-long',
      `A part of the path is longer than ${PARAM_CHARS_MAX} characters, the most that is taken; shorten it.`,
      { extensions: { limitChars: PARAM_CHARS_MAX } },
    );
  }
  return new ProblemError(
    400,
    'malformed-path',
    'The path is not well-formed: a percent sign must begin the escape of a byte of UTF-8, and is itself written %25.',
  );
}

function connectionProblem(code: string): ProblemError {
  switch (code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new ProblemError(
        408,
        'request-too-slow',
        `Headers must be here within ${HEADERS_TIMEOUT_MS / 1000} s and all of a request within ${REQUEST_TIMEOUT_MS / 1000} s; send less at a time.`,
      );
    case 'HPE_HEADER_OVERFLOW':
      return new ProblemError(
        431,
        'headers-too-large',
        `Address and headers are larger than ${maxHeaderSize} bytes, the most that is taken; send fewer or shorter ones.`,
        { extensions: { limitBytes: maxHeaderSize } },
      );
    default:
      return new ProblemError(
        400,
        'malformed-http',
        'The request is not well-formed HTTP/1.1; send it anew.',
      );
  }
}

/** An answer where there is no request to answer to; the connection ends with it. */
function rawAnswer(problem: ProblemError): string {
  const { headers, body } = written(problem);
  const head = Object.entries({ ...headers, connection: 'close' }).map(
    ([name, value]) => `${name}: ${value}`,
  );
  const status = `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status] ?? ''}`;
  return [status, ...head, '', body].join('\r\n');
}

function written(problem: ProblemError): { readonly headers: Record<string, string>; readonly body: string } {
  const body = JSON.stringify(problem.toProblem());
  const length = String(Buffer.byteLength(body));
  return {
    headers: {
      'content-type': PROBLEM_JSON,
      'content-length': length,
      'x-content-type-options': 'nosniff',
    },
    body,
  };
}
