import type { PayloadCodec } from '@temporalio/common';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { BearerCheck } from '../bearer.ts';
import { ProblemError } from '../problem.ts';
import { readPayloads, writePayloads } from './payloads.ts';
import type { UiSessions } from './sessions.ts';

/** Where Temporal's UI and command line find the codec, and the only paths that a session is sent to. */
export const TEMPORAL_PATH = '/v1/temporal';

/** Temporal takes messages of at most 4 MB; base64 adds a third. */
const DECODE_BYTES_MAX = 6 * 1024 * 1024;
const PREFLIGHT_SECONDS = 600;

/** What the codec for Temporal's UI stands on. */
export interface TemporalUiDeps {
  readonly codec: Pick<PayloadCodec, 'decode'>;
  readonly sessions: UiSessions;
  readonly isBearer: BearerCheck;
  readonly namespace: string;
  /** Where people open Temporal's UI, without a slash at the end; undefined where nobody said. */
  readonly ui: string | undefined;
}

/**
 * Temporal's remote codec protocol, by which its UI and command line show payloads that Temporal itself can't read:
 * only for who is signed in or has the API's token, and only for this tenant's namespace. It does not encode: what
 * workflows are sent comes through the API.
 */
export function temporalUiRoutes(app: FastifyInstance, deps: TemporalUiDeps): void {
  const origin = deps.ui === undefined ? undefined : new URL(deps.ui).origin;
  app.addHook('onRequest', (request, reply, done) => {
    reply.header('cache-control', 'no-store').header('vary', 'origin');
    if (origin !== undefined && request.headers.origin === origin) {
      reply.header('access-control-allow-origin', origin).header('access-control-allow-credentials', 'true');
    }
    done();
  });
  app.addHook('onSend', (_request, reply, _payload, done) => {
    // Of the schemes that the API offers, Basic would make a browser ask for a password.
    if (reply.statusCode === 401) reply.header('www-authenticate', 'Bearer realm="tessera"');
    done();
  });
  app.options(`${TEMPORAL_PATH}/decode`, (request, reply) => preflight(request, reply, origin));
  app.post(
    `${TEMPORAL_PATH}/decode`,
    {
      bodyLimit: DECODE_BYTES_MAX,
      onRequest: (request, _reply, done) => {
        done(refusal(request, deps));
      },
    },
    async (request, reply) =>
      reply
        .header('content-type', 'application/json; charset=utf-8')
        .send(JSON.stringify(writePayloads(await deps.codec.decode(readPayloads(request.body))))),
  );
  // A HEAD, as previews of links send it, would use the code up.
  app.get<{ Params: { code: string } }>(
    `${TEMPORAL_PATH}/sign-in/:code`,
    { exposeHeadRoute: false },
    (request, reply) => signIn(reply, request.params.code, deps),
  );
}

function preflight(request: FastifyRequest, reply: FastifyReply, origin: string | undefined): FastifyReply {
  if (origin === undefined || request.headers.origin !== origin) {
    throw new ProblemError(
      403,
      'unknown-origin',
      "This page may not ask here; set TESSERA_TEMPORAL_UI to the address of Temporal's UI.",
    );
  }
  return reply
    .code(204)
    .header('access-control-allow-methods', 'POST')
    .header('access-control-allow-headers', 'authorization, content-type, x-namespace')
    .header('access-control-max-age', PREFLIGHT_SECONDS)
    .send();
}

/** Why a request is not served, before its body is read. */
function refusal(request: FastifyRequest, deps: TemporalUiDeps): ProblemError | undefined {
  const { authorization, cookie } = request.headers;
  if (!deps.isBearer(authorization) && !deps.sessions.isOpen(cookie)) {
    return new ProblemError(
      401,
      'not-signed-in',
      'Sign in with npx tessera temporal open, or send Authorization: Bearer with the adminToken of tokens.json.',
    );
  }
  if (request.headers['x-namespace'] !== deps.namespace) {
    return new ProblemError(
      404,
      'no-such-namespace',
      "No payloads of this namespace are decoded here; send X-Namespace with the tenant's own.",
    );
  }
  return undefined;
}

function signIn(
  reply: FastifyReply,
  code: string,
  { sessions, ui, namespace }: TemporalUiDeps,
): FastifyReply {
  const redeemed = ui === undefined ? undefined : sessions.redeem(code);
  if (ui === undefined || redeemed === undefined) {
    throw new ProblemError(
      404,
      'no-such-link',
      'The link was used or is too old; make another with npx tessera temporal open.',
    );
  }
  const { cookie, workflowId } = redeemed;
  const workflow = workflowId === undefined ? '' : `/${encodeURIComponent(workflowId)}`;
  return reply
    .header('set-cookie', cookie)
    .header('referrer-policy', 'no-referrer')
    .redirect(`${ui}/namespaces/${encodeURIComponent(namespace)}/workflows${workflow}`, 303);
}
