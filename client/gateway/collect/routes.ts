import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { addressOf, senderOf } from '../address.ts';
import { ProblemError } from '../problem.ts';
import type { Admission } from './admission.ts';
import { readBody } from './body.ts';
import type { Collector } from './collector.ts';
import { headerCredentials } from './credentials.ts';
import { REQUEST_BYTES_MAX } from './limits.ts';
import { browserSettings } from './settings.ts';
import { Turns } from './turns.ts';

/** The paths of single messages and the type each stands for. */
export const SINGLE_CALLS: Readonly<Record<string, string>> = {
  '/v1/identify': 'identify',
  '/v1/track': 'track',
  '/v1/page': 'page',
  '/v1/screen': 'screen',
  '/v1/group': 'group',
  '/v1/alias': 'alias',
  '/v1/i': 'identify',
  '/v1/t': 'track',
  '/v1/p': 'page',
  '/v1/s': 'screen',
  '/v1/g': 'group',
  '/v1/a': 'alias',
};

/** The paths of batches. */
export const BATCH_CALLS: readonly string[] = ['/v1/batch', '/v1/b', '/v1/import'];

/** Media types a body may have; all are read as JSON. The last two are what clients send that set none. */
const MEDIA_TYPES = [
  'application/json',
  'text/plain',
  'application/x-www-form-urlencoded',
  'application/octet-stream',
];
const LIMIT = { bodyLimit: REQUEST_BYTES_MAX };
const PREFLIGHT_SECONDS = 86_400;

/** Registers the collection calls in a scope of their own: bodies as bytes, any origin, no schema in the hot path. */
export function collectRoutes(
  app: FastifyInstance,
  deps: { readonly collector: Collector; readonly admission: Admission },
): void {
  const { collector } = deps;
  const turns = new Turns();
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(MEDIA_TYPES, { parseAs: 'buffer' }, (_request, body, done) => {
    done(null, body);
  });
  app.addHook('onRequest', (request, reply, done) => {
    reply.header('access-control-allow-origin', '*');
    // Scripts of another origin read no other header of an answer by themselves.
    reply.header('access-control-expose-headers', 'retry-after');
    if (request.method !== 'POST') {
      done();
      return;
    }
    // Clients that set no type (axios with a buffer) still send JSON.
    request.headers['content-type'] ??= 'application/json';
    done(deps.admission.refuse(request, REQUEST_BYTES_MAX));
  });
  for (const [path, type] of Object.entries(SINGLE_CALLS)) {
    app.post(
      path,
      LIMIT,
      handler(collector, turns, (request) => collector.single(request, type)),
    );
  }
  for (const path of BATCH_CALLS) {
    app.post(
      path,
      LIMIT,
      handler(collector, turns, (request) => collector.batch(request)),
    );
  }
  preflights(app, [...Object.keys(SINGLE_CALLS), ...BATCH_CALLS]);
  settingsRoute(app, collector);
}

/** The body's bytes, which the request then holds no more. */
function taken(request: FastifyRequest): Buffer | undefined {
  const bytes = request.body as Buffer | undefined;
  request.body = undefined;
  return bytes;
}

type Take = (request: Parameters<Collector['batch']>[0]) => Promise<string>;

function handler(collector: Collector, turns: Turns, take: Take) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const known = await collector.authenticate(headerCredentials(request.headers.authorization));
    const encoding = request.headers['content-encoding'];
    const ip = senderOf(request);
    // Neither the bytes nor what was read from them is held while the batch is written.
    const answer = await readBody(taken(request), encoding, turns).then((body) =>
      known === undefined
        ? collector.authenticateBody(body.value).then((source) => take({ source, body, ip }))
        : take({ source: known, body, ip }),
    );
    return reply.header('content-type', 'application/json; charset=utf-8').send(answer);
  };
}

function preflights(app: FastifyInstance, paths: readonly string[]): void {
  for (const path of paths) {
    app.options(path, (_request, reply) =>
      reply
        .code(204)
        .header('access-control-allow-methods', 'POST, OPTIONS')
        .header(
          'access-control-allow-headers',
          'authorization, content-type, content-encoding, x-retry-count',
        )
        .header('access-control-max-age', PREFLIGHT_SECONDS)
        .send(),
    );
  }
}

function settingsRoute(app: FastifyInstance, collector: Collector): void {
  app.get<{ Params: { writeKey: string } }>('/v1/projects/:writeKey/settings', async (request, reply) => {
    const key = request.params.writeKey;
    const source = await collector.authenticate({ kind: 'key', key }).catch((error: unknown) => {
      if (error instanceof ProblemError) return undefined;
      throw error;
    });
    if (source === undefined) {
      throw new ProblemError(404, 'unknown-write-key', 'No source has this write key.');
    }
    const { protocol, host } = addressOf(request);
    return reply.header('cache-control', 'no-store').send(browserSettings(key, host, protocol));
  });
}
