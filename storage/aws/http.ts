const CONNECT_MS = 2_000;

/** How the SDK's clients speak HTTP. */
export interface HttpOptions {
  /** How long an answer may take to begin, and how long it may stop in between, in milliseconds. */
  readonly requestMs: number;
  readonly maxSockets?: number;
}

/**
 * Options of a client's `requestHandler` under which a request always ends: without them the SDK only warns of one that takes too
 * long, and a network that swallows packets would hold its caller for as long as the system keeps the connection.
 */
export function httpOptions({ requestMs, maxSockets }: HttpOptions) {
  const agent = maxSockets === undefined ? undefined : { keepAlive: true, maxSockets };
  return {
    connectionTimeout: CONNECT_MS,
    requestTimeout: requestMs,
    throwOnRequestTimeout: true,
    socketTimeout: requestMs,
    ...(agent === undefined ? {} : { httpAgent: agent, httpsAgent: agent }),
  };
}
