import type { FastifyInstance, FastifyRequest } from 'fastify';
import { addressOf } from '../address.ts';
import type { Admission } from '../collect/admission.ts';
import { WEBHOOK_BYTES_MAX, type Receiver } from './receiver.ts';
import type { WebhookCall } from './types.ts';

/** Where vendors send to. */
export const WEBHOOK_PATH = '/v1/webhooks/:source';

/** Registers the webhooks in a scope of their own: bodies as bytes whatever their type, no schema. */
export function webhookRoutes(
  app: FastifyInstance,
  deps: { readonly receiver: Receiver; readonly admission: Admission; readonly now: () => Date },
): void {
  const { receiver, admission, now } = deps;
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => {
    done(null, body);
  });
  app.addHook('onRequest', (request, reply, done) => {
    reply.header('cache-control', 'no-store');
    done(request.method === 'POST' ? admission.refuse(request, WEBHOOK_BYTES_MAX) : undefined);
  });
  const limit = { bodyLimit: WEBHOOK_BYTES_MAX };
  app.post<{ Params: { source: string } }>(WEBHOOK_PATH, limit, async (request, reply) => {
    const answer = await receiver.receive(request.params.source, callOf(request, now()));
    if (request.raw.socket.destroyed) answer.lost();
    else {
      reply.raw.once('finish', answer.sent);
      reply.raw.once('close', answer.lost);
    }
    // As bytes: of a text the framework would change the type, and some vendors want it to the letter.
    return reply.header('content-type', answer.type).send(Buffer.from(answer.body));
  });
  app.get<{ Params: { source: string } }>(WEBHOOK_PATH, async (request, reply) => {
    const answer = await receiver.challenge(request.params.source, callOf(request, now()));
    return reply.header('content-type', answer.type).send(answer.body);
  });
}

/**
 * The request as its vendor sent it. The address is as a proxy in front says it was, if it does: where an address is
 * signed, a wrong one fails the signature and does no harm.
 */
function callOf(request: FastifyRequest, now: Date): WebhookCall {
  const { headers, method } = request;
  const { protocol, host } = addressOf(request);
  const query = request.url.indexOf('?');
  return {
    method,
    url: `${protocol}://${host}${request.url}`,
    headers,
    query: new URLSearchParams(query === -1 ? '' : request.url.slice(query + 1)),
    body: Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0),
    nowMs: now.getTime(),
  };
}
