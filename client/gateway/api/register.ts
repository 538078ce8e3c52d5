import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { faultsOf } from '../../../domain/issues.ts';
import { bearerCheck, unauthorized } from '../bearer.ts';
import { emptyBody, ProblemError } from '../problem.ts';
import type { Idempotency } from './idempotency.ts';
import type { Answer, ApiRoute } from './route.ts';

/** Bytes of a request of the API; nothing it takes is near this. */
const API_BYTES_MAX = 1024 * 1024;

/** Registers the routes behind the bearer token, each validated by the schemas that document it. */
export function apiRoutes(
  app: FastifyInstance,
  deps: {
    readonly routes: readonly ApiRoute[];
    readonly adminToken: string;
    readonly idempotency: Idempotency;
  },
): void {
  const isBearer = bearerCheck(deps.adminToken);
  const parseJson = app.getDefaultJsonParser('error', 'error');
  // Many clients name a media type whatever they send: calls that need no body are told by its length.
  app.addContentTypeParser<string>('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') done(null);
    else return parseJson(request, body, done);
  });
  app.addHook('onRequest', (request, reply, done) => {
    reply.header('cache-control', 'no-store');
    done(isBearer(request.headers.authorization) ? undefined : unauthorized());
  });
  for (const route of deps.routes) {
    app.route({
      method: route.method,
      url: route.path.replace(/\{(\w+)\}/g, ':$1'),
      bodyLimit: API_BYTES_MAX,
      handler: async (request, reply) => {
        const input = {
          params: read(route.params, request.params, 'path'),
          query: read(route.query, request.query, 'query'),
          body: read(route.body, request.body ?? undefined, 'body'),
        };
        const run = (): Promise<Answer> => route.handle(input);
        const key = request.headers['idempotency-key'];
        const answer =
          route.method === 'GET' || typeof key !== 'string'
            ? await run()
            : await deps.idempotency.once(key, fingerprint(route, request), run);
        return write(reply, answer);
      },
    });
  }
}

function write(reply: FastifyReply, answer: Answer): FastifyReply {
  if (answer.headers !== undefined) reply.headers(answer.headers);
  if (answer.headers?.['content-type'] !== undefined) return reply.code(answer.status).send(answer.body);
  return reply
    .code(answer.status)
    .header('content-type', 'application/json; charset=utf-8')
    .send(JSON.stringify(answer.body));
}

function fingerprint(route: ApiRoute, request: FastifyRequest): string {
  return JSON.stringify([route.method, route.path, request.params, request.query, request.body ?? null]);
}

/** Schemas of nested things recurse, and a body can be nested deeper than any stack. */
function parse(schema: z.ZodType, value: unknown, where: string): z.ZodSafeParseResult<unknown> {
  try {
    return schema.safeParse(value);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new ProblemError(400, 'too-deep', `${where}: is nested too deeply; flatten it.`, { cause: error });
  }
}

/** Errors that the sentence tells; all are in the list beside it. */
const ERRORS_TOLD = 5;

function read(schema: z.ZodType | undefined, value: unknown, where: 'path' | 'query' | 'body'): unknown {
  if (schema === undefined) {
    // A body that nobody asked for is harmless; a query parameter is likely a mistyped filter.
    if (where !== 'query' || Object.keys(value as object).length === 0) return undefined;
    throw new ProblemError(400, 'invalid-request', 'query: this call takes no parameters.');
  }
  // Query strings are null-prototype objects, which some checks of plain objects do not take.
  const plain = where === 'body' ? value : { ...(value as object) };
  const parsed = parse(schema, plain, where);
  if (parsed.success) return parsed.data;
  if (plain === undefined) throw emptyBody();
  const errors = faultsOf(parsed.error.issues).map(({ path, message }) => ({
    ...{ in: where, field: path.map(String).join('.'), message },
  }));
  const told = errors
    .slice(0, ERRORS_TOLD)
    .map(({ field, message }) => `${field === '' ? where : `${where} ${field}`}: ${message}`);
  throw new ProblemError(400, 'invalid-request', `${told.join('; ')}.`, {
    extensions: { errors },
  });
}
