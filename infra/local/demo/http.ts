import { StartFailure } from '../failure.ts';

const TIMEOUT_MS = 30_000;
const RETRIES = 8;
const RETRY_FIRST_MS = 250;
/** Answers that say to try again: in flight, too much at once, not now. */
const RETRIED = (status: number): boolean => status === 409 || status === 429 || status >= 500;
const REPLAYED = 'urn:tessera:error:replayed';

interface Answered {
  readonly status: number;
  readonly text: string;
}

/** A call to the running gateway as any client makes it, tried again while it is busy or restarting. */
export async function call(
  url: string,
  authorization: string,
  body?: unknown,
): Promise<Record<string, unknown>> {
  const { status, text } = await patiently(url, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (status >= 300) throw refused(url, `status ${status}: ${text}`);
  return JSON.parse(text) as Record<string, unknown>;
}

/** A delivery of a vendor's webhook, which is taken once: one that came before is refused, and that is well. */
export async function deliver(url: string, headers: Record<string, string>, body: string): Promise<void> {
  const { status, text } = await patiently(url, { method: 'POST', headers, body });
  if (status >= 300 && !text.includes(REPLAYED)) throw refused(url, `status ${status}: ${text}`);
}

async function patiently(url: string, init: RequestInit): Promise<Answered> {
  for (let attempt = 0; ; attempt += 1) {
    const answer = await once(url, init).catch((error: unknown) => error as Error);
    const isError = answer instanceof Error;
    if (!isError && (attempt === RETRIES || !RETRIED(answer.status))) return answer;
    if (isError && attempt === RETRIES) throw refused(url, answer.message);
    await new Promise((resolve) => setTimeout(resolve, RETRY_FIRST_MS * 2 ** Math.min(attempt, 4)));
  }
}

async function once(url: string, init: RequestInit): Promise<Answered> {
  const answer = await fetch(url, { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) });
  return { status: answer.status, text: await answer.text() };
}

function refused(url: string, what: string): StartFailure {
  return new StartFailure(`${new URL(url).pathname} did not work (${what.slice(0, 300)}).`, 'See the logs.');
}
