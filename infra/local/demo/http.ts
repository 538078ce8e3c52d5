import { StartFailure } from '../failure.ts';

const TIMEOUT_MS = 30_000;
const RETRIES = 8;
const RETRY_FIRST_MS = 250;

/** A call to the running gateway as any client makes it, tried again while it is busy or restarting. */
export async function call(
  url: string,
  authorization: string,
  body?: unknown,
): Promise<Record<string, unknown>> {
  for (let attempt = 0; ; attempt += 1) {
    const answer = await once(url, authorization, body).catch((error: unknown) => error as Error);
    const isFinal = !(answer instanceof Error) && answer.status < 500 && answer.status !== 429;
    if (isFinal && answer.ok) return (await answer.json()) as Record<string, unknown>;
    if (isFinal || attempt === RETRIES) {
      const what =
        answer instanceof Error ? answer.message : `status ${answer.status}: ${await answer.text()}`;
      throw new StartFailure(
        `${new URL(url).pathname} did not work (${what.slice(0, 300)}).`,
        'See the logs.',
      );
    }
    await new Promise((resolve) => setTimeout(resolve, RETRY_FIRST_MS * 2 ** Math.min(attempt, 4)));
  }
}

function once(url: string, authorization: string, body: unknown): Promise<Response> {
  return fetch(url, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
}
