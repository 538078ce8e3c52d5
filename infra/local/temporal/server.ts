import { existsSync } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { StartOptions } from '../options.ts';
import { SEARCH_ATTRIBUTES } from './cluster.ts';
import { CODEC_PATH } from './ui.ts';

/** The database file of a data folder's Temporal server. */
export function databasePath(data: string): string {
  return join(data, 'temporal', 'temporal.db');
}

/**
 * Arguments of the development server: loopback alone, a database file, the tenant's namespace. Its UI listens on
 * `uiPort`, and finds the codec on the origin that people open it by.
 */
export function serverArgs(options: StartOptions, uiPort: number): string[] {
  return [
    'server',
    'start-dev',
    '--db-filename',
    databasePath(options.data),
    '--ip',
    '127.0.0.1',
    '--port',
    String(options.temporalPort),
    '--ui-port',
    String(uiPort),
    '--ui-codec-endpoint',
    CODEC_PATH,
    '--ui-disable-news-fetch',
    '--namespace',
    options.namespace,
    ...SEARCH_ATTRIBUTES.flatMap((name) => ['--search-attribute', `${name}=Keyword`]),
    '--log-level',
    'warn',
    '--log-format',
    'json',
  ];
}

/** Makes the database's folder, and says whether there is a database in it. */
export async function hasDatabase(data: string): Promise<boolean> {
  await mkdir(join(data, 'temporal'), { recursive: true, mode: 0o700 });
  return existsSync(databasePath(data));
}

/**
 * Sets a database aside that the server can't open, keeping it for whoever wants to look. No accepted event is in it:
 * what should run is started again from configuration. Answers where it went.
 */
export async function setAside(data: string): Promise<string> {
  const aside = join(data, `temporal-unusable-${Date.now()}`);
  await rename(join(data, 'temporal'), aside);
  await mkdir(join(data, 'temporal'), { recursive: true, mode: 0o700 });
  return aside;
}
