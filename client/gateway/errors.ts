import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ConditionFailed, ItemTooLarge, StoreFull, StoreUnavailable } from '../../storage/errors.ts';
import { QuarantineNotFound, QuarantineTooDeep } from '../../storage/intake/quarantine-release.ts';
import { InvalidCursor } from '../../storage/page.ts';
import { RulingRefused } from '../../storage/linkage/decide.ts';
import { InvalidConfig } from '../../storage/registry/errors.ts';
import { RETRY_AFTER_FULL_SECONDS, RETRY_AFTER_SECONDS } from './collect/limits.ts';
import type { Logger } from './log.ts';
import { emptyBody, PROBLEM_JSON, ProblemError, tooLarge } from './problem.ts';

/** Turns everything that is thrown, and unknown paths, into problem details. */
export function handleErrors(
  app: FastifyInstance,
  deps: { readonly log: Logger; readonly onRefused: (code: string) => void },
): void {
  app.setErrorHandler((error, request, reply) => {
    const problem = problemOf(error, request.routeOptions.bodyLimit);
    deps.onRefused(problem.code);
    if (problem.status === 500) {
      deps.log.error({ route: routeOf(request), err: error }, 'request failed');
    } else if (problem.status === 503 || error instanceof ItemTooLarge) {
      deps.log.warn({ route: routeOf(request), code: problem.code }, 'request could not be served');
    }
    return writeProblem(reply, problem);
  });
  app.setNotFoundHandler((request, reply) =>
    writeProblem(
      reply,
      new ProblemError(404, 'no-such-route', `Nothing answers ${request.method} here; see /docs.`),
    ),
  );
}

/** The route's pattern: paths hold identifiers and keys, which no log may. */
export function routeOf(request: FastifyRequest): string {
  return request.routeOptions.url ?? 'unknown';
}

/** Writes a problem as the answer. */
export function writeProblem(reply: FastifyReply, problem: ProblemError): FastifyReply {
  if (problem.retryAfter !== undefined) reply.header('retry-after', problem.retryAfter);
  if (problem.status === 401)
    reply.header('www-authenticate', 'Bearer realm="tessera", Basic realm="tessera"');
  return reply
    .code(problem.status)
    .header('content-type', PROBLEM_JSON)
    .send(JSON.stringify(problem.toProblem()));
}

/**
 * What an error means to the caller. Its own message is shown only where it was written for callers. `bodyLimit` is the most
 * bytes that the request's route takes.
 */
function problemOf(error: unknown, bodyLimit: number): ProblemError {
  if (error instanceof ProblemError) return error;
  if (error instanceof StoreFull) {
    return new ProblemError(
      503,
      'store-full',
      'Nothing more can be stored until there is room again; nothing of this request was accepted.',
      { retryAfter: RETRY_AFTER_FULL_SECONDS, cause: error },
    );
  }
  if (error instanceof StoreUnavailable) {
    return new ProblemError(503, 'store-unavailable', 'The store does not answer now; send again.', {
      retryAfter: RETRY_AFTER_SECONDS,
      cause: error,
    });
  }
  if (error instanceof ConditionFailed) {
    return new ProblemError(
      409,
      'changed-meanwhile',
      'Somebody changed the same thing; read it and try again.',
    );
  }
  if (error instanceof ItemTooLarge) {
    return new ProblemError(
      413,
      error.code,
      `This is too large to be stored: ${error.message}; make it smaller, or split it.`,
      { cause: error },
    );
  }
  if (error instanceof InvalidCursor) {
    return new ProblemError(400, error.code, `${error.message}.`, { extensions: { field: error.field } });
  }
  if (error instanceof RulingRefused) {
    return new ProblemError(409, error.code, `${error.message}; look at both profiles first.`);
  }
  if (error instanceof InvalidConfig) {
    return new ProblemError(422, 'invalid-config', error.message, { extensions: { field: error.field } });
  }
  if (error instanceof QuarantineNotFound) return new ProblemError(404, error.code, `${error.message}.`);
  if (error instanceof QuarantineTooDeep) return new ProblemError(422, error.code, `${error.message}.`);
  return (
    frameworkProblem(error, bodyLimit) ??
    new ProblemError(500, 'internal', 'The request failed here; it is logged.')
  );
}

function frameworkProblem(error: unknown, bodyLimit: number): ProblemError | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  const { code, statusCode } = error as FastifyError;
  switch (code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return tooLarge(bodyLimit);
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return new ProblemError(
        415,
        'unsupported-media-type',
        'Content-Type must be application/json (or text/plain for collection).',
      );
    case 'FST_ERR_CTP_EMPTY_JSON_BODY':
      return emptyBody();
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return new ProblemError(400, 'truncated-body', 'The body is not as long as its Content-Length says.');
    case 'FST_ERR_CTP_INVALID_JSON_BODY':
      return new ProblemError(400, 'malformed-json', 'The body is not valid JSON.');
    default:
      return statusCode !== undefined && statusCode >= 400 && statusCode < 500
        ? new ProblemError(statusCode, 'bad-request', 'The request is not well-formed.')
        : undefined;
  }
}
