import type { z } from 'zod';

/** What a handler answers. `body` is written as JSON, or as it stands where a header names another content type. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Record<string, string>;
}

/** One documented answer. */
export interface AnswerDoc {
  readonly description: string;
  readonly schema?: z.ZodType;
  /** Content types of text that the same can be asked for in. */
  readonly texts?: readonly string[];
}

/** One route of the API: what validates it documents it. `path` is written as OpenAPI has it, `/v1/profiles/{id}`. */
export interface RouteDoc<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
  readonly answers: Readonly<Record<number, AnswerDoc>>;
}

/** A request as its schemas read it. */
export interface RouteInput<P, Q, B> {
  readonly params: P;
  readonly query: Q;
  readonly body: B;
}

/** A route whose input types were erased, so that routes of all shapes stand in one list. */
export interface ApiRoute extends RouteDoc<z.ZodType, z.ZodType, z.ZodType> {
  readonly handle: (input: RouteInput<unknown, unknown, unknown>) => Promise<Answer>;
}

/** Joins a route with its handler; the schemas' types are the handler's. */
export function route<
  P extends z.ZodType = z.ZodUndefined,
  Q extends z.ZodType = z.ZodUndefined,
  B extends z.ZodType = z.ZodUndefined,
>(
  doc: RouteDoc<P, Q, B>,
  handle: (input: RouteInput<z.output<P>, z.output<Q>, z.output<B>>) => Promise<Answer>,
): ApiRoute {
  // Sound because the input is what these very schemas answered.
  return { ...doc, handle: handle as ApiRoute['handle'] };
}

/** 200 with a body. */
export function ok(body: unknown): Answer {
  return { status: 200, body };
}
