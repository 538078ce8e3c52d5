import { isIP } from 'node:net';
import { isAbsolute, resolve } from 'node:path';
import { given } from '../env.ts';

/** What the gateway process is told by its environment, parsed once. */
export interface GatewayConfig {
  readonly tenant: string;
  /** Absolute path of the data folder, where `tokens.json` is. */
  readonly dataDir: string;
  readonly host: string;
  readonly port: number;
  readonly logLevel: string;
  readonly adminToken: string | undefined;
  /** Write key of the source `web`, where preset. */
  readonly writeKey: string | undefined;
  /** Where people open Temporal's UI, without a slash at the end. */
  readonly temporalUi: string | undefined;
  /** Addresses and CIDR ranges of the proxies whose word on whom they forward for is taken. */
  readonly trustedProxies: readonly string[];
}

/** Wrong configuration: one sentence for the person who started the process. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

const TENANT = /^[a-z0-9][a-z0-9-]{0,62}$/;
const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'];
/** Shorter secrets can be guessed; a gateway that only this machine reaches may have them all the same. */
const SECRET_MIN_CHARS = 16;
const LOOPBACK = ['127.0.0.1', '::1', 'localhost'];

/** Reads the environment. Throws `ConfigError` naming the variable and what it should be. */
export function gatewayConfig(env: NodeJS.ProcessEnv): GatewayConfig {
  const tenant = given(env, 'TESSERA_TENANT') ?? 'demo';
  if (!TENANT.test(tenant)) {
    throw new ConfigError(
      'TESSERA_TENANT must be lower-case letters, digits and dashes, at most 63 characters.',
    );
  }
  const logLevel = given(env, 'TESSERA_LOG_LEVEL') ?? 'info';
  if (!LOG_LEVELS.includes(logLevel)) {
    throw new ConfigError(`TESSERA_LOG_LEVEL must be one of ${LOG_LEVELS.join(', ')}.`);
  }
  const data = given(env, 'TESSERA_DATA') ?? '.tessera';
  const host = given(env, 'TESSERA_HOST') ?? '127.0.0.1';
  const secretChars = LOOPBACK.includes(host) ? 1 : SECRET_MIN_CHARS;
  return {
    tenant,
    dataDir: isAbsolute(data) ? data : resolve(data),
    host,
    port: port(env, 'PORT', 8080),
    logLevel,
    adminToken: secret(env, 'TESSERA_ADMIN_TOKEN', secretChars),
    writeKey: secret(env, 'TESSERA_WRITE_KEY', secretChars),
    temporalUi: webAddress(env, 'TESSERA_TEMPORAL_UI'),
    trustedProxies: networks(env, 'TESSERA_TRUSTED_PROXIES'),
  };
}

function webAddress(env: NodeJS.ProcessEnv, name: string): string | undefined {
  const value = given(env, name);
  if (value === undefined) return undefined;
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.search !== '' || url.username !== '') {
    throw new ConfigError(`${name} must be an address as in http://127.0.0.1:8233.`);
  }
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '');
}

function networks(env: NodeJS.ProcessEnv, name: string): string[] {
  const networks = (given(env, name)?.split(',') ?? []).map((one) => one.trim());
  if (networks.every(isNetwork)) return networks;
  throw new ConfigError(`${name} must be addresses or CIDR ranges, as in 10.0.0.0/8,192.168.1.7.`);
}

/** An address, or as many leading bits of one as follow the slash, from 1 on: who trusts everybody trusts every sender. */
function isNetwork(text: string): boolean {
  const [address = '', bits = '1', ...rest] = text.split('/');
  const most = isIP(address) === 6 ? 128 : 32;
  return isIP(address) !== 0 && rest.length === 0 && /^[1-9]\d{0,2}$/.test(bits) && Number(bits) <= most;
}

function port(env: NodeJS.ProcessEnv, name: string, fallback: number): number {
  const value = given(env, name);
  if (value === undefined) return fallback;
  const number = Number(value);
  if (!/^\d+$/.test(value) || number > 65_535) {
    throw new ConfigError(`${name} must be a port from 0 to 65535.`);
  }
  return number;
}

/** Printable ASCII without a colon: a write key is a basic-auth user, and a token is a header. */
function secret(env: NodeJS.ProcessEnv, name: string, minChars: number): string | undefined {
  const value = given(env, name);
  if (value === undefined) return undefined;
  if (!/^[!-9;-~]+$/.test(value)) {
    throw new ConfigError(`${name} must be printable characters of ASCII without spaces and colons.`);
  }
  if (value.length < minChars) {
    throw new ConfigError(
      `${name} must have at least ${minChars} characters where others reach the gateway.`,
    );
  }
  return value;
}
