import { send, trouble } from './http.ts';
import { access, refresh, refusedToken, type Access, type TokenDeps } from './tokens.ts';
import type { Outcome, VendorAnswer, VendorCall, VendorRequest } from './types.ts';

/**
 * Calls a vendor with the access token in force. One that has expired is renewed once a call: a new one that is refused as
 * well is nothing that a third would mend.
 */
export function vendorCall(deps: TokenDeps): VendorCall {
  return async (request) => {
    const first = await access(deps);
    if (first.kind !== 'ok') return first;
    const answer = await sendWith(deps, first.value, request);
    if (answer.kind !== 'expired') return answer;
    if (deps.config.auth.kind === 'token') return refusedToken(deps.config, undefined);
    const renewed = await refresh(deps);
    if (renewed.kind !== 'ok') return renewed;
    const again = await sendWith(deps, renewed.value, request);
    return again.kind === 'expired' ? refusedToken(deps.config, 'a new access token') : again;
  };
}

async function sendWith(
  { api, signal, nowMs }: TokenDeps,
  { token, url }: Access,
  request: VendorRequest,
): Promise<Outcome<VendorAnswer>> {
  const sent = await send(
    {
      method: request.method,
      url: url + request.path,
      headers: {
        authorization: `Bearer ${token}`,
        ...(request.json === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(request.json === undefined ? {} : { body: JSON.stringify(request.json) }),
    },
    signal,
  );
  if (sent.kind !== 'ok') return sent;
  const { status, body } = sent.value;
  if (status < 200 || status > 299) return api.classify(sent.value, nowMs);
  return body === undefined ? trouble('the answer is no JSON') : sent;
}
