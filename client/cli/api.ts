import { ApiFailure } from './failure.ts';

const TIMEOUT_MS = 60_000;

/** What the platform answers; its shape is the API's. */
export type Answer = Record<string, unknown>;

/** Query parameters; those that are undefined are left out. */
export type Query = Record<string, string | number | undefined>;

/** The platform's API over HTTP, errors as sentences. */
export interface Api {
  readonly url: string;
  get(path: string, query?: Query): Promise<Answer>;
  /** What is answered as text. */
  text(path: string, query?: Query): Promise<string>;
  post(path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  put(path: string, body: unknown): Promise<Answer>;
  remove(path: string): Promise<Answer>;
}

interface Problem {
  readonly title?: unknown;
  readonly detail?: unknown;
}

function sentenceOf(status: number, problem: Problem): string {
  const parts = [problem.title, problem.detail].filter((part): part is string => typeof part === 'string');
  return parts.length > 0 ? parts.join(': ') : `The platform answered ${status}.`;
}

async function parse(response: Response): Promise<Answer> {
  const text = await response.text();
  try {
    const body: unknown = text === '' ? {} : JSON.parse(text);
    return typeof body === 'object' && body !== null ? (body as Answer) : { value: body };
  } catch {
    return { title: `The platform answered ${response.status} with something that is no JSON` };
  }
}

function unreachable(url: string, error: unknown): ApiFailure {
  if (error instanceof Error && error.name === 'TimeoutError') {
    return new ApiFailure(
      0,
      `${url} did not answer within ${TIMEOUT_MS / 1000} s.`,
      'See npx tessera doctor.',
    );
  }
  return new ApiFailure(
    0,
    `No Tessera answers at ${url}.`,
    'Start it with npm start, or set TESSERA_URL to where it runs.',
  );
}

/** An API client. The token is asked for at the first call, so that it may be missing until then. */
export function createApi(url: string, token: () => Promise<string>): Api {
  async function request(
    method: 'GET' | 'POST' | 'PUT' | 'DELETE',
    path: string,
    query: Query,
    body?: unknown,
    extra: Record<string, string> = {},
  ): Promise<Response> {
    const target = new URL(url + path);
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined) target.searchParams.set(name, String(value));
    }
    const authorization = `Bearer ${await token()}`;
    const response = await fetch(target, {
      method,
      headers: {
        authorization,
        ...extra,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    }).catch((error: unknown) => {
      throw unreachable(url, error);
    });
    if (response.ok) return response;
    const remedy =
      response.status === 401 || response.status === 403
        ? "Check TESSERA_ADMIN_TOKEN, or that TESSERA_DATA names this platform's folder."
        : undefined;
    throw new ApiFailure(response.status, sentenceOf(response.status, await parse(response)), remedy);
  }
  return {
    url,
    get: async (path, query = {}) => parse(await request('GET', path, query)),
    text: async (path, query = {}) => (await request('GET', path, query)).text(),
    put: async (path, body) => parse(await request('PUT', path, {}, body)),
    remove: async (path) => parse(await request('DELETE', path, {})),
    post: async (path, body, headers) => parse(await request('POST', path, {}, body, headers)),
  };
}
