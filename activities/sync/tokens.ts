import { isCallable } from '../../domain/sync/vendors.ts';
import { ConditionFailed } from '../../storage/errors.ts';
import type { SyncAuth, SyncConfig, SyncTokens, Versioned } from '../../storage/syncs/types.ts';
import type { SyncStore } from '../../storage/syncs/types.ts';
import { asRecord, byStatus, refused, send, shownCode, trouble } from './http.ts';
import type { Outcome, VendorAnswer, VendorApi } from './types.ts';

const LIMIT_WAIT_MS = 60_000;

/** What getting tokens works with. */
export interface TokenDeps {
  readonly syncs: Pick<SyncStore, 'tokens' | 'putTokens'>;
  readonly api: VendorApi;
  readonly config: SyncConfig;
  readonly signal: AbortSignal;
  readonly nowMs: number;
}

/** A token and where it is good. */
export interface Access {
  readonly token: string;
  readonly url: string;
}

/** The stored tokens, as far as they were had with the configuration in force. */
function inForce(config: SyncConfig, { value }: Versioned<SyncTokens>): SyncTokens | undefined {
  return value?.config === config.version ? value : undefined;
}

function accessOf(config: SyncConfig, tokens: SyncTokens): Access {
  return { token: tokens.accessToken, url: tokens.instanceUrl ?? config.url };
}

/** The access token in force; a new one where there is none. */
export async function access(deps: TokenDeps): Promise<Outcome<Access>> {
  const { config, syncs } = deps;
  if (config.auth.kind === 'token') {
    return { kind: 'ok', value: { token: config.auth.token, url: config.url } };
  }
  const stored = await syncs.tokens(config.source);
  const tokens = inForce(config, stored);
  return tokens === undefined ? refresh(deps) : { kind: 'ok', value: accessOf(config, tokens) };
}

/**
 * Gets a new access token. A refresh token that the vendor rotates is stored before the access token is used: whoever
 * dies in between goes on with the new one.
 */
export async function refresh(deps: TokenDeps): Promise<Outcome<Access>> {
  const { config, syncs } = deps;
  const stored = await syncs.tokens(config.source);
  const form = formOf(config.auth, inForce(config, stored)?.refreshToken);
  if (form === undefined) return refusedToken(config, undefined);
  const asked = await ask(deps, form);
  if (asked.kind === 'refused') {
    const meanwhile = await syncs.tokens(config.source);
    const theirs = inForce(config, meanwhile);
    // Another run rotated the refresh token while we sent the one before.
    if (theirs !== undefined && meanwhile.version !== stored.version)
      return { kind: 'ok', value: accessOf(config, theirs) };
  }
  if (asked.kind !== 'ok') return asked;
  try {
    await syncs.putTokens(config.source, asked.value, stored.version);
    return { kind: 'ok', value: accessOf(config, asked.value) };
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
    const theirs = inForce(config, await syncs.tokens(config.source));
    return theirs === undefined
      ? trouble('the tokens were changed meanwhile')
      : { kind: 'ok', value: accessOf(config, theirs) };
  }
}

function formOf(auth: SyncAuth, rotated: string | undefined): URLSearchParams | undefined {
  switch (auth.kind) {
    case 'token':
      return undefined;
    case 'client-credentials':
      return new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: auth.clientId,
        client_secret: auth.clientSecret,
      });
    case 'refresh-token':
      return new URLSearchParams({
        grant_type: 'refresh_token',
        client_id: auth.clientId,
        client_secret: auth.clientSecret,
        refresh_token: rotated ?? auth.refreshToken,
      });
    default:
      return auth satisfies never;
  }
}

/** Asks for tokens, as RFC 6749 has it. */
async function ask(deps: TokenDeps, form: URLSearchParams): Promise<Outcome<SyncTokens>> {
  const { config, api } = deps;
  const sent = await send(
    {
      method: 'POST',
      url: config.url + api.tokenPath,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: form.toString(),
    },
    deps.signal,
  );
  if (sent.kind !== 'ok') return sent;
  return read(deps, sent.value, form.get('refresh_token'));
}

function read(
  { config, nowMs }: TokenDeps,
  answer: VendorAnswer,
  sentRefresh: string | null,
): Outcome<SyncTokens> {
  const body = asRecord(answer.body);
  if (answer.status !== 200) {
    const known = byStatus(answer, LIMIT_WAIT_MS, nowMs);
    if (known !== undefined && known.kind !== 'expired') return known;
    return refusedToken(config, shownCode(body?.['error']) ?? shownCode(body?.['status']));
  }
  const accessToken = body?.['access_token'];
  if (typeof accessToken !== 'string') return trouble('the answer for a token holds none');
  const refreshToken = body?.['refresh_token'] ?? sentRefresh;
  const instanceUrl = body?.['instance_url'];
  if (typeof instanceUrl === 'string' && !isCallable(instanceUrl)) {
    return refused('the vendor names an address of its API that is not https; check the address of the sync');
  }
  return {
    kind: 'ok',
    value: {
      config: config.version,
      accessToken,
      ...(typeof refreshToken === 'string' ? { refreshToken } : {}),
      ...(typeof instanceUrl === 'string' ? { instanceUrl: instanceUrl.replace(/\/+$/, '') } : {}),
    },
  };
}

const WHAT: Readonly<Record<SyncAuth['kind'], string>> = {
  token: 'the access token',
  'client-credentials': 'the client credentials',
  'refresh-token': 'the refresh token',
};

/** The vendor takes the credentials no more. */
export function refusedToken({ source, auth }: SyncConfig, code: string | undefined): Outcome<never> {
  const said = code === undefined ? '' : ` (${code})`;
  return refused(
    `the vendor refuses ${WHAT[auth.kind]}${said}; give new ones with: tessera source sync set ${source}`,
  );
}
