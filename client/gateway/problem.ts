/** Problem details (RFC 9457). `type` is stable: programs may match on it, people read `detail`. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly [extension: string]: unknown;
}

const TITLES: Record<number, string> = {
  400: 'Bad request',
  401: 'Not authenticated',
  403: 'Not allowed',
  404: 'Not found',
  405: 'Method not allowed',
  408: 'Too slow',
  409: 'Conflict',
  413: 'Too large',
  414: 'Path too long',
  415: 'Unsupported media type',
  422: 'Not processable',
  429: 'Too many requests',
  431: 'Headers too large',
  500: 'Internal error',
  503: 'Not available',
};

/** An answer that is an error. Thrown by handlers, written by `writeProblem`; `detail` says what to change. */
export class ProblemError extends Error {
  readonly status: number;
  readonly code: string;
  readonly extensions: Record<string, unknown>;
  /** Seconds for the Retry-After header. */
  readonly retryAfter: number | undefined;

  constructor(
    status: number,
    code: string,
    detail: string,
    options: {
      readonly extensions?: Record<string, unknown>;
      readonly retryAfter?: number;
      readonly cause?: unknown;
    } = {},
  ) {
    super(detail, { cause: options.cause });
    this.name = 'ProblemError';
    this.status = status;
    this.code = code;
    this.extensions = options.extensions ?? {};
    this.retryAfter = options.retryAfter;
  }

  /** The body of the answer. */
  toProblem(): Problem {
    return {
      ...this.extensions,
      type: `urn:tessera:error:${this.code}`,
      title: TITLES[this.status] ?? 'Error',
      status: this.status,
      detail: this.message,
    };
  }
}

/** 503: what was asked needs Temporal, which does not answer. */
export function unavailable(cause: unknown): ProblemError {
  return new ProblemError(
    503,
    'temporal-unavailable',
    'Temporal does not answer now; what was accepted is safe. Send again.',
    { retryAfter: 2, cause },
  );
}

/** The media type of every error. */
export const PROBLEM_JSON = 'application/problem+json; charset=utf-8';

/** 400: what was called needs a body. */
export function emptyBody(): ProblemError {
  return new ProblemError(400, 'empty-body', 'The request has no body; send one JSON object.');
}

/** 413: the request is larger than its route takes, in bytes once expanded. */
export function tooLarge(limitBytes: number): ProblemError {
  return new ProblemError(
    413,
    'request-too-large',
    `The request is larger than ${limitBytes} bytes once expanded, the most that is taken here; send less at a time.`,
    { extensions: { limitBytes } },
  );
}
