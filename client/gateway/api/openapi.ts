import { z } from 'zod';
import { collectionPaths } from '../collect/openapi.ts';
import { omit } from '../omit.ts';
import { temporalUiPaths } from '../temporal-ui/openapi.ts';
import type { AnswerDoc, ApiRoute } from './route.ts';
import { problem } from './schemas.ts';

type Json = Record<string, unknown>;

const DESCRIPTION =
  'Collection takes a write key as HTTP basic user, as the SDKs of Segment do; everything else takes a bearer token. ' +
  'Errors are problem details (RFC 9457) with a stable type. Lists take limit and cursor. Writes take an Idempotency-Key.';

/** The OpenAPI 3.1 description, made from the very schemas that validate the requests. */
export function openApi(routes: readonly ApiRoute[]): Json {
  const paths: Record<string, Json> = { ...collectionPaths(), ...temporalUiPaths() };
  for (const route of routes) {
    paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operation(route) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Tessera',
      version: '1',
      description: DESCRIPTION,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    paths,
    components: {
      schemas: { Problem: schemaOf(problem, 'output') },
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'adminToken of tokens.json' },
        writeKey: { type: 'http', scheme: 'basic', description: 'The write key as user, no password' },
        temporalSession: {
          type: 'apiKey',
          in: 'cookie',
          name: 'tessera_temporal',
          description:
            'Of a browser that opened a link of POST /v1/temporal/sign-ins; the name ends in a number',
        },
      },
    },
  };
}

function operation(route: ApiRoute): Json {
  const parameters = [
    ...parametersOf(route.params, 'path'),
    ...parametersOf(route.query, 'query'),
    ...(route.method === 'GET' ? [] : [IDEMPOTENCY_KEY]),
  ];
  return {
    tags: [route.tag],
    summary: route.summary,
    ...(route.description === undefined ? {} : { description: route.description }),
    operationId: operationId(route),
    security: [{ token: [] }],
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(route.body === undefined ? {} : { requestBody: bodyOf(route.body) }),
    responses: {
      ...responses(route.answers),
      400: PROBLEM('The request is not valid'),
      401: PROBLEM('No valid token'),
    },
  };
}

const PROBLEM = (description: string): Json => ({
  description,
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
});

const IDEMPOTENCY_KEY: Json = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description: 'A repeat within 24 hours gets the first answer',
  schema: { type: 'string', maxLength: 255 },
};

function responses(answers: Readonly<Record<number, AnswerDoc>>): Json {
  return Object.fromEntries(
    Object.entries(answers).map(([status, { description, schema, texts = [] }]) => {
      if (Number(status) >= 400) return [status, PROBLEM(description)];
      if (schema === undefined) return [status, { description }];
      const content: Json = { 'application/json': { schema: schemaOf(schema, 'output') } };
      for (const type of texts) content[type] = { schema: { type: 'string' } };
      return [status, { description, content }];
    }),
  );
}

function bodyOf(schema: z.ZodType): Json {
  return { content: { 'application/json': { schema: schemaOf(schema, 'input') } } };
}

function parametersOf(schema: z.ZodType | undefined, where: 'path' | 'query'): Json[] {
  if (schema === undefined) return [];
  const { properties = {}, required = [] } = schemaOf(schema, 'input') as {
    properties?: Record<string, Json>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, { description, ...rest }]) => ({
    name,
    in: where,
    required: where === 'path' || required.includes(name),
    ...(description === undefined ? {} : { description }),
    schema: rest,
  }));
}

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): Json {
  return omit(
    z.toJSONSchema(schema, {
      io,
      unrepresentable: 'any',
      target: 'draft-2020-12',
      reused: 'inline',
    }),
    '$schema',
  );
}

function operationId(route: ApiRoute): string {
  const words = route.path
    .replace(/[{}]/g, '')
    .split('/')
    .filter((word) => word !== '' && word !== 'v1');
  return [route.method.toLowerCase(), ...words].join('-');
}
