import { BATCH_CALLS, SINGLE_CALLS } from './routes.ts';
import { MESSAGE_BYTES_MAX, REQUEST_BYTES_MAX } from './limits.ts';

type Json = Record<string, unknown>;

const problemAnswer = (description: string): Json => ({
  description,
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
});

const ANSWER: Json = {
  type: 'object',
  required: ['success', 'accepted', 'quarantined'],
  properties: {
    success: { const: true },
    accepted: { type: 'integer', description: 'Messages that are durable and on their way' },
    quarantined: {
      type: 'array',
      items: {
        type: 'object',
        required: ['index', 'messageId', 'reason'],
        properties: {
          index: { type: 'integer' },
          messageId: { type: ['string', 'null'] },
          reason: { type: 'string', description: 'code: what is wrong and what to change' },
        },
      },
    },
  },
};

const MESSAGE: Json = {
  type: 'object',
  description: `A message of the Segment spec, at most ${MESSAGE_BYTES_MAX} bytes. One without messageId gets a random one, so that a repeat of it is another message.`,
  properties: {
    type: { enum: ['identify', 'track', 'page', 'screen', 'group', 'alias'] },
    messageId: { type: 'string', maxLength: 100 },
    userId: { type: 'string' },
    anonymousId: { type: 'string' },
    event: { type: 'string' },
    properties: { type: 'object' },
    traits: { type: 'object' },
    context: { type: 'object' },
    timestamp: { type: 'string', format: 'date-time' },
    sentAt: { type: 'string', format: 'date-time' },
  },
};

const RESPONSES: Json = {
  200: {
    description: 'What was accepted is durable; the rest is in quarantine with its reason',
    content: { 'application/json': { schema: ANSWER } },
  },
  400: problemAnswer('Not JSON; the answer names the position'),
  401: problemAnswer('The write key is not valid'),
  413: problemAnswer(`More than ${REQUEST_BYTES_MAX} bytes, expanded, or more messages than that holds`),
  415: problemAnswer('A media type or encoding that is not taken'),
  429: problemAnswer('Overload; see Retry-After'),
  503: problemAnswer('It can not be made durable now; see Retry-After'),
};

/** The collection calls, described by hand: they are checked by hand-written code. */
export function collectionPaths(): Record<string, Json> {
  const paths: Record<string, Json> = {};
  for (const [path, type] of Object.entries(SINGLE_CALLS)) {
    paths[path] = { post: call(path, `One message: ${type}`, MESSAGE) };
  }
  const batch: Json = {
    type: 'object',
    required: ['batch'],
    properties: {
      batch: { type: 'array', items: MESSAGE },
      context: { type: 'object', description: 'Inherited by each message' },
      sentAt: { type: 'string', format: 'date-time' },
      writeKey: { type: 'string' },
    },
  };
  for (const path of BATCH_CALLS) paths[path] = { post: call(path, 'Many messages', batch) };
  paths['/v1/webhooks/{source}'] = webhookCalls();
  paths['/v1/projects/{writeKey}/settings'] = {
    get: {
      tags: ['Collection'],
      summary: 'Settings of the browser SDK',
      operationId: 'get-settings',
      security: [],
      parameters: [{ name: 'writeKey', in: 'path', required: true, schema: { type: 'string' } }],
      responses: {
        200: { description: 'Settings', content: { 'application/json': { schema: { type: 'object' } } } },
        404: problemAnswer('No source has this key'),
      },
    },
  };
  return paths;
}

function call(path: string, summary: string, schema: Json): Json {
  return {
    tags: ['Collection'],
    summary,
    operationId: `collect-${path.slice('/v1/'.length)}`,
    security: [{ writeKey: [] }],
    requestBody: {
      required: true,
      content: { 'application/json': { schema }, 'text/plain': { schema } },
    },
    responses: RESPONSES,
  };
}

function webhookCalls(): Json {
  const shared = {
    tags: ['Collection'],
    security: [],
    parameters: [{ name: 'source', in: 'path', required: true, schema: { type: 'string' } }],
  };
  const refused = problemAnswer(
    'The signature is missing, wrong, too old or replayed; counted, nothing stored',
  );
  return {
    post: {
      ...shared,
      summary: "A vendor's webhook in its own shape, its signature checked; answered once it is durable",
      operationId: 'post-webhook',
      requestBody: { required: true, content: { '*/*': { schema: {} } } },
      responses: {
        200: { description: 'Durable; the body is the one that the vendor expects' },
        400: problemAnswer("Not the vendor's shape"),
        401: refused,
        404: problemAnswer('There is no such source'),
        409: problemAnswer('The source is connected to no vendor, or this very delivery is being stored now'),
        413: problemAnswer('Too large'),
        429: problemAnswer('More is arriving than can be stored'),
        503: problemAnswer('It can not be made durable now'),
      },
    },
    get: {
      ...shared,
      summary: "A vendor's test of the address, answered with its challenge",
      operationId: 'get-webhook',
      responses: { 200: { description: 'The challenge' }, 401: refused },
    },
  };
}
