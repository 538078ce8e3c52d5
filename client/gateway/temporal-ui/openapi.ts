import { z } from 'zod';
import { omit } from '../omit.ts';
import { payloadsBody } from './payloads.ts';
import { TEMPORAL_PATH } from './routes.ts';

type Json = Record<string, unknown>;

const TAG = 'Temporal';

const problemAnswer = (description: string): Json => ({
  description,
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
});

/** The calls of Temporal's UI and of browsers, which the API's own rules do not fit. */
export function temporalUiPaths(): Record<string, Json> {
  const content = { 'application/json': { schema: omit(z.toJSONSchema(payloadsBody), '$schema') } };
  return {
    [`${TEMPORAL_PATH}/decode`]: {
      post: {
        tags: [TAG],
        summary: "Temporal's remote codec: payloads as Temporal keeps them, answered readable",
        description:
          'Takes the token or the session of a browser that was signed in. A payload whose key is gone, or that was written elsewhere, is answered as one that says so.',
        operationId: 'decode-payloads',
        security: [{ token: [] }, { temporalSession: [] }],
        parameters: [{ name: 'X-Namespace', in: 'header', required: true, schema: { type: 'string' } }],
        requestBody: { required: true, content },
        responses: {
          200: { description: 'The payloads, in the same order', content },
          400: problemAnswer('Not the shape of payloads'),
          401: problemAnswer('Neither a token nor a session'),
          404: problemAnswer('A namespace of somebody else'),
          413: problemAnswer('Too large'),
          422: problemAnswer('Something is not base64'),
        },
      },
    },
    [`${TEMPORAL_PATH}/sign-in/{code}`]: {
      get: {
        tags: [TAG],
        summary: "Signs a browser in, once, and leads on to Temporal's UI",
        operationId: 'get-sign-in',
        security: [],
        parameters: [{ name: 'code', in: 'path', required: true, schema: { type: 'string' } }],
        responses: {
          303: { description: "To Temporal's UI, with the session's cookie" },
          404: problemAnswer('The link was used or is too old'),
        },
      },
    },
  };
}
