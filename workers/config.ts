import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { StorageError } from '../storage/errors.ts';
import type { AlertTarget } from './alerts.ts';
import { storageConfigFromEnv, type StorageConfig } from '../storage/open.ts';

/** Pump threads where nobody says otherwise: more cores than this are for more workers, or for whoever asks for them. */
const PUMP_THREADS = 2;
const PUMP_THREADS_MAX = 64;
const ALERT_SECRET_CHARS_MIN = 16;

type Env = Readonly<Record<string, string | undefined>>;

/** How the worker reaches Temporal. */
export interface TemporalAccess {
  readonly address: string;
  readonly namespace: string;
  readonly apiKey?: string;
  /** False for a connection in clear, as to a server on this machine. */
  readonly tls: false | TlsFiles;
}

/** Contents of PEM files, as far as they are given. */
export interface TlsFiles {
  readonly serverName?: string;
  readonly serverRootCACertificate?: Buffer;
  readonly clientCertPair?: { readonly crt: Buffer; readonly key: Buffer };
}

/** What the worker process is told by its environment, parsed once. */
export interface WorkerConfig {
  readonly tenant: string;
  readonly storage: StorageConfig;
  readonly temporal: TemporalAccess;
  readonly logLevel: string;
  /** Port of `/metrics` and `/health` on loopback. */
  readonly metricsPort: number;
  /** Port of the Temporal SDK's own metrics on loopback. */
  readonly temporalMetricsPort: number;
  /** Threads that pump lanes, beside the one that talks to Temporal. */
  readonly pumpThreads: number;
  /** Where alerts about sources go. */
  readonly alerts?: AlertTarget;
}

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'];

/** Reads the environment. Throws `StorageError` (`invalid-configuration`) that names the variable at fault. */
export function workerConfig(env: Env): WorkerConfig {
  const storage = storageConfigFromEnv(env);
  const tenant = text(env, 'TESSERA_TENANT') ?? 'demo';
  const logLevel = text(env, 'TESSERA_LOG_LEVEL') ?? 'info';
  if (!LOG_LEVELS.includes(logLevel))
    throw invalid(`TESSERA_LOG_LEVEL must be one of ${LOG_LEVELS.join(', ')}`);
  return {
    tenant,
    storage,
    temporal: temporalAccess(env, tenant),
    logLevel,
    metricsPort: port(env, 'TESSERA_WORKER_METRICS_PORT', 8081),
    temporalMetricsPort: port(env, 'TESSERA_TEMPORAL_METRICS_PORT', 8082),
    pumpThreads: pumpThreads(env),
    ...alertTarget(env),
  };
}

/** `TEMPORAL_ADDRESS`, `_NAMESPACE`, `_API_KEY`, `_TLS*`, named as the Temporal CLI names them. */
function temporalAccess(env: Env, tenant: string): TemporalAccess {
  const apiKey = text(env, 'TEMPORAL_API_KEY');
  const crt = pem(env, 'TEMPORAL_TLS_CLIENT_CERT');
  const key = pem(env, 'TEMPORAL_TLS_CLIENT_KEY');
  const ca = pem(env, 'TEMPORAL_TLS_SERVER_CA_CERT');
  const serverName = text(env, 'TEMPORAL_TLS_SERVER_NAME');
  if ((crt === undefined) !== (key === undefined))
    throw invalid('TEMPORAL_TLS_CLIENT_CERT and TEMPORAL_TLS_CLIENT_KEY must be set together');
  const asked = env['TEMPORAL_TLS'];
  const wanted =
    asked === undefined
      ? apiKey !== undefined || crt !== undefined || ca !== undefined
      : !/^(false|0|)$/iu.test(asked);
  return {
    address: text(env, 'TEMPORAL_ADDRESS') ?? '127.0.0.1:7233',
    namespace: text(env, 'TEMPORAL_NAMESPACE') ?? tenant,
    ...(apiKey === undefined ? {} : { apiKey }),
    tls: wanted && {
      ...(serverName === undefined ? {} : { serverName }),
      ...(ca === undefined ? {} : { serverRootCACertificate: ca }),
      ...(crt === undefined || key === undefined ? {} : { clientCertPair: { crt, key } }),
    },
  };
}

function pem(env: Env, name: string): Buffer | undefined {
  const variable = text(env, `${name}_PATH`) === undefined ? name : `${name}_PATH`;
  const path = text(env, variable);
  if (path === undefined) {
    const data = text(env, `${name}_DATA`);
    return data === undefined ? undefined : Buffer.from(data);
  }
  try {
    return readFileSync(path);
  } catch (error) {
    throw new StorageError('invalid-configuration', `${variable} must name a PEM file that can be read`, {
      cause: error,
    });
  }
}

/** Alerts are signed: a URL without a secret would be one that anybody can write to. */
function alertTarget(env: Env): { readonly alerts?: AlertTarget } {
  const url = text(env, 'TESSERA_ALERT_URL');
  const secret = text(env, 'TESSERA_ALERT_SECRET');
  if (url === undefined) return {};
  if (!URL.canParse(url) || !/^https?:/u.test(url))
    throw invalid('TESSERA_ALERT_URL must be an http or https address');
  if (secret === undefined || secret.length < ALERT_SECRET_CHARS_MIN)
    throw invalid(`TESSERA_ALERT_SECRET must have at least ${ALERT_SECRET_CHARS_MIN} characters`);
  return { alerts: { url, secret } };
}

function pumpThreads(env: Env): number {
  const value = text(env, 'TESSERA_PUMP_THREADS');
  if (value === undefined) return Math.min(PUMP_THREADS, availableParallelism());
  const threads = Number(value);
  if (!Number.isInteger(threads) || threads < 1 || threads > PUMP_THREADS_MAX)
    throw invalid(`TESSERA_PUMP_THREADS must be a whole number from 1 to ${PUMP_THREADS_MAX}`);
  return threads;
}

function port(env: Env, name: string, fallback: number): number {
  const value = text(env, name);
  if (value === undefined) return fallback;
  if (!/^\d+$/u.test(value) || Number(value) > 65_535)
    throw invalid(`${name} must be a port from 0 to 65535`);
  return Number(value);
}

function text(env: Env, name: string): string | undefined {
  const value = env[name]?.trim();
  return value === undefined || value === '' ? undefined : value;
}

function invalid(message: string): StorageError {
  return new StorageError('invalid-configuration', message);
}
