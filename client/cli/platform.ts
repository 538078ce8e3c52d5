import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { given } from '../env.ts';
import { CliFailure } from './failure.ts';

/** The data folder of this command's environment. */
export function dataFolder(env: NodeJS.ProcessEnv): string {
  return resolve(given(env, 'TESSERA_DATA') ?? '.tessera');
}

async function readJson(path: string): Promise<Record<string, unknown> | undefined> {
  try {
    const content: unknown = JSON.parse(await readFile(path, 'utf8'));
    return typeof content === 'object' && content !== null ? (content as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** Where the platform is: `TESSERA_URL`, else what runs on the data folder, else the default address. */
export async function findUrl(env: NodeJS.ProcessEnv): Promise<string> {
  const named = env['TESSERA_URL'];
  if (named !== undefined && named !== '') {
    if (!URL.canParse(named) || !/^https?:/.test(named)) {
      throw new CliFailure('TESSERA_URL is no http address.', 'Set it as in http://127.0.0.1:8080.');
    }
    return named.replace(/\/+$/, '');
  }
  const local = await readJson(join(dataFolder(env), 'local.json'));
  return typeof local?.['url'] === 'string' ? local['url'] : 'http://127.0.0.1:8080';
}

/** The ports of the platform that `findUrl` finds, by what listens there; none where it is not the data folder's. */
export async function findPorts(env: NodeJS.ProcessEnv): Promise<Record<string, unknown>> {
  const local = await readJson(join(dataFolder(env), 'local.json'));
  const ports = local?.['ports'];
  const url = (await findUrl(env)).replace('//localhost', '//127.0.0.1');
  return local?.['url'] === url && typeof ports === 'object' && ports !== null
    ? (ports as Record<string, unknown>)
    : {};
}

/** The token for it: `TESSERA_ADMIN_TOKEN`, else the data folder's `tokens.json`. Throws `CliFailure`. */
export async function findToken(env: NodeJS.ProcessEnv): Promise<string> {
  const given = env['TESSERA_ADMIN_TOKEN'];
  if (given !== undefined && given !== '') return given;
  const path = join(dataFolder(env), 'tokens.json');
  const token = (await readJson(path))?.['adminToken'];
  if (typeof token === 'string') return token;
  throw new CliFailure(
    `There is no token: TESSERA_ADMIN_TOKEN is not set, and ${path} does not have one.`,
    'Start the platform with npm start, name its folder with TESSERA_DATA, or set TESSERA_ADMIN_TOKEN.',
  );
}
