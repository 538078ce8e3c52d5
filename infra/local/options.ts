import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { StartFailure } from './failure.ts';

/** What `npm start` was asked for, parsed once. */
export interface StartOptions {
  readonly empty: boolean;
  readonly quiet: boolean;
  /** Absolute path of the data folder. */
  readonly data: string;
  readonly host: string;
  /** 0 chooses a free port; so for the two below. */
  readonly port: number;
  readonly temporalPort: number;
  readonly uiPort: number;
  readonly storage: 'embedded' | 'aws';
  readonly tenant: string;
  /** An existing Temporal, where one is named; none is started then. */
  readonly temporalAddress?: string;
  readonly namespace: string;
}

export const USAGE =
  'npm start -- [--empty] [--data DIR] [--port 8080] [--host 127.0.0.1] [--temporal-port 7233] [--ui-port 8233] [--storage embedded|aws] [--quiet]';

const PORT_MAX = 65_535;

/** A variable's value; one that is set and blank counts as not set. */
export function setIn(env: NodeJS.ProcessEnv, name: string): string | undefined {
  const value = env[name]?.trim();
  return value === '' ? undefined : value;
}

/** A port as written. Throws `StartFailure` that names the flag or variable at fault. */
export function parsePort(name: string, value: string): number {
  const number = /^\d+$/.test(value) ? Number(value) : Number.NaN;
  if (Number.isInteger(number) && number <= PORT_MAX) return number;
  throw new StartFailure(
    `${name} must be a port number from 0 to ${PORT_MAX}, not "${value}".`,
    `Usage: ${USAGE}`,
  );
}

function flags(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        empty: { type: 'boolean', default: false },
        quiet: { type: 'boolean', default: false },
        data: { type: 'string' },
        host: { type: 'string' },
        port: { type: 'string' },
        'temporal-port': { type: 'string' },
        'ui-port': { type: 'string' },
        storage: { type: 'string' },
      },
    }).values;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new StartFailure(reason, `Usage: ${USAGE}`);
  }
}

/** Reads flags, then the environment, then defaults. Throws `StartFailure` naming the flag that is wrong. */
export function parseOptions(args: readonly string[], env: NodeJS.ProcessEnv): StartOptions {
  const given = flags(args);
  const storage = given.storage ?? setIn(env, 'TESSERA_STORAGE') ?? 'embedded';
  if (storage !== 'embedded' && storage !== 'aws') {
    throw new StartFailure(`--storage must be embedded or aws, not "${storage}".`, `Usage: ${USAGE}`);
  }
  const tenant = setIn(env, 'TESSERA_TENANT') ?? 'demo';
  const address = setIn(env, 'TEMPORAL_ADDRESS');
  return {
    empty: given.empty,
    quiet: given.quiet,
    data: resolve(given.data ?? setIn(env, 'TESSERA_DATA') ?? '.tessera'),
    host: given.host ?? setIn(env, 'TESSERA_HOST') ?? '127.0.0.1',
    port: parsePort('--port', given.port ?? setIn(env, 'PORT') ?? '8080'),
    temporalPort: parsePort('--temporal-port', given['temporal-port'] ?? '7233'),
    uiPort: parsePort('--ui-port', given['ui-port'] ?? '8233'),
    storage,
    tenant,
    ...(address === undefined ? {} : { temporalAddress: address }),
    namespace: setIn(env, 'TEMPORAL_NAMESPACE') ?? tenant,
  };
}
