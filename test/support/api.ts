import { Agent, request } from 'undici';
import type { Tokens } from './platform.ts';
import { eventually } from './wait.ts';

/** An answer of the platform; `body` is parsed where it is JSON. */
export interface Answer<T = unknown> {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly body: T;
}

/** Items of a source by outcome, as `/v1/status` has them. */
export interface SourceStatus {
  readonly received: number;
  readonly stored: number;
  readonly duplicates: number;
  readonly quarantined: number;
  readonly pending: number;
}

/** What `/v1/status` answers. */
export interface Status {
  readonly profiles: number;
  readonly fragments: number;
  readonly events: number;
  readonly sources: Record<string, SourceStatus>;
}

/** What collection answers. */
export interface Collected {
  readonly success: boolean;
  readonly accepted: number;
  readonly quarantined: { readonly index: number; readonly messageId?: string; readonly reason: unknown }[];
}

/** A profile as the API shows it. */
export interface ProfileBody {
  readonly profileId: string;
  readonly identifiers: unknown;
  readonly traits: Record<string, unknown>;
  readonly computed: {
    readonly events: number;
    readonly firstSeen: string | null;
    readonly lastSeen: string | null;
    readonly byEvent: Record<string, { count: number; sums: Record<string, number> }>;
  };
}

/** One event of a timeline. */
export interface TimelineEvent {
  readonly messageId: string;
  readonly type: string;
  readonly event: string;
  readonly timestamp: string;
  readonly receivedAt: string;
  readonly source: string;
  readonly identifiers: unknown;
  readonly properties: Record<string, unknown>;
  readonly traits: Record<string, unknown>;
}

/** Helpers over the outside interface. Paths start with a slash. */
export interface Api {
  /** Posts a batch of Segment messages with the source's write key. */
  send(messages: readonly unknown[], source?: string): Promise<Answer<Collected>>;
  /** Posts any bytes to any collection path. */
  post(path: string, body: string | Buffer, headers?: Record<string, string>): Promise<Answer>;
  /** Calls the reading API with the admin token. */
  api<T = unknown>(
    path: string,
    options?: { readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'; readonly body?: unknown },
  ): Promise<Answer<T>>;
  status(): Promise<Status>;
  /** Waits until nothing is pending in any source. */
  drained(timeoutMs?: number): Promise<Status>;
  profile(address: string, query?: Record<string, string>): Promise<ProfileBody>;
  /** The whole timeline, page by page. */
  timeline(address: string, query?: Record<string, string>): Promise<TimelineEvent[]>;
  /** Every item of a list. */
  list<T>(path: string): Promise<T[]>;
  close(): Promise<void>;
}

/** Authorization header of a write key. */
export function basic(writeKey: string): string {
  return `Basic ${Buffer.from(`${writeKey}:`).toString('base64')}`;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Helpers for a platform at `url`. */
export function createApi(url: string, tokens: Tokens): Api {
  const dispatcher = new Agent({ connections: 64, headersTimeout: 60_000, bodyTimeout: 60_000 });
  const call = async (
    path: string,
    method: string,
    headers: Record<string, string>,
    body?: string | Buffer,
  ): Promise<Answer> => {
    const answer = await request(url + path, {
      ...{ method: method as 'GET', headers, dispatcher },
      ...(body === undefined ? {} : { body }),
    });
    return { status: answer.statusCode, headers: answer.headers, body: parse(await answer.body.text()) };
  };
  const api: Api['api'] = async <T>(
    path: string,
    { method = 'GET', body }: { method?: string; body?: unknown } = {},
  ) =>
    (await call(
      path,
      method,
      {
        authorization: `Bearer ${tokens.adminToken}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      body === undefined ? undefined : JSON.stringify(body),
    )) as Answer<T>;
  const read = async <T>(path: string): Promise<T> => {
    const answer = await api<T>(path);
    if (answer.status !== 200)
      throw new Error(`GET ${path} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
    return answer.body;
  };
  const status = (): Promise<Status> => read<Status>('/v1/status');
  const list = async <T>(path: string): Promise<T[]> => {
    const items: T[] = [];
    let cursor: string | null = null;
    do {
      const more: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
      const page: { items: T[]; cursor: string | null } = await read(
        `${path}${path.includes('?') ? '&' : '?'}limit=1000${more}`,
      );
      items.push(...page.items);
      cursor = page.cursor;
    } while (cursor !== null);
    return items;
  };
  return {
    api,
    status,
    list,
    async send(messages, source = 'web') {
      const key = tokens.writeKeys[source];
      if (key === undefined) throw new Error(`no write key of ${source}`);
      return (await call(
        '/v1/batch',
        'POST',
        { authorization: basic(key), 'content-type': 'application/json' },
        JSON.stringify({ batch: messages }),
      )) as Answer<Collected>;
    },
    post: (path, body, headers = {}) =>
      call(
        path,
        'POST',
        {
          authorization: basic(tokens.writeKeys['web'] ?? ''),
          'content-type': 'application/json',
          ...headers,
        },
        body,
      ),
    drained: (timeoutMs = 120_000) =>
      eventually(
        'all that was accepted to show in profiles',
        async () => {
          const now = await status();
          return Object.values(now.sources).every((source) => source.pending === 0) ? now : undefined;
        },
        { timeoutMs },
      ),
    profile: (address, query = {}) =>
      read(`/v1/profiles/${encodeURIComponent(address)}?${new URLSearchParams(query).toString()}`),
    timeline: (address, query = {}) =>
      list(`/v1/profiles/${encodeURIComponent(address)}/events?${new URLSearchParams(query).toString()}`),
    close: () => dispatcher.destroy(),
  };
}
