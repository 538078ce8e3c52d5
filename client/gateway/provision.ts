import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { NEW_NORMALIZATION } from '../../domain/identity/normalization.ts';
import { ConditionFailed } from '../../storage/errors.ts';
import type { Registry, SourceKind } from '../../storage/registry/types.ts';
import { ConfigError } from './config.ts';

/** The sources that every tenant has; each is named for its kind. */
export const SOURCES: readonly SourceKind[] = ['web', 'pos', 'crm', 'contact-center', 'email', 'social'];

const TOKENS_FILE = 'tokens.json';
const SECRET_BYTES = 24;

/** What `tokens.json` holds. The only place where write keys can be read; the registry has their hashes. */
export interface Tokens {
  readonly tenant: string;
  readonly adminToken: string;
  readonly writeKeys: Readonly<Record<string, string>>;
}

/** What provisioning needs to know. */
export interface ProvisionOptions {
  readonly tenant: string;
  readonly dataDir: string;
  readonly registry: Pick<Registry, 'sources' | 'addSource' | 'rotateKey' | 'setConfig'>;
  /** Presets. */
  readonly adminToken: string | undefined;
  readonly writeKey: string | undefined;
}

/**
 * Sees to it that the tenant has its sources and its tokens. The file comes first and the sources take their keys from
 * it, so that a crash in between is mended by the next start. Throws `ConfigError` where the file is another tenant's.
 */
export async function provision(options: ProvisionOptions): Promise<Tokens> {
  await mkdir(options.dataDir, { recursive: true, mode: 0o700 });
  const path = join(options.dataDir, TOKENS_FILE);
  let tokens = (await readTokens(path)) ?? (await createTokens(path, options));
  if (tokens.tenant !== options.tenant) {
    throw new ConfigError(
      `${path} is of the tenant ${tokens.tenant}; set TESSERA_DATA to another folder for ${options.tenant}.`,
    );
  }
  const { adminToken } = options;
  if (adminToken !== undefined && adminToken !== tokens.adminToken) {
    tokens = { ...tokens, adminToken };
    await replace(path, tokens);
  }
  await addMissing(options.registry, tokens);
  return tokens;
}

async function createTokens(path: string, options: ProvisionOptions): Promise<Tokens> {
  const known = new Set((await options.registry.sources()).map(({ name }) => name));
  const writeKeys: Record<string, string> = {};
  for (const name of SOURCES) {
    // A source that is there already, with a key that this folder never saw, gets one more.
    if (known.has(name)) writeKeys[name] = (await options.registry.rotateKey(name)).writeKey;
    else writeKeys[name] = (name === 'web' ? options.writeKey : undefined) ?? secret('wk');
  }
  const tokens = {
    tenant: options.tenant,
    adminToken: options.adminToken ?? secret('at'),
    writeKeys,
  };
  const temporary = await write(path, tokens);
  try {
    // A link fails where the name is taken: of two processes that start at once, one's file is both's.
    await link(temporary, path);
    return tokens;
  } catch (error) {
    const winner = await readTokens(path);
    if (winner === undefined) throw error;
    return winner;
  } finally {
    await rm(temporary, { force: true });
  }
}

async function addMissing(registry: ProvisionOptions['registry'], tokens: Tokens): Promise<void> {
  const known = new Set((await registry.sources()).map(({ name }) => name));
  // Before its first source a tenant has no addresses, which any later version would move.
  if (known.size === 0) await registry.setConfig({ normalization: NEW_NORMALIZATION });
  for (const name of SOURCES) {
    if (known.has(name)) continue;
    const writeKey = tokens.writeKeys[name];
    try {
      await registry.addSource({
        name,
        kind: name,
        mapping: 'segment',
        ...(writeKey === undefined ? {} : { writeKey }),
      });
    } catch (error) {
      if (!(error instanceof ConditionFailed)) throw error;
    }
  }
}

async function readTokens(path: string): Promise<Tokens | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    const tokens = JSON.parse(text) as Partial<Tokens>;
    if (
      typeof tokens.tenant === 'string' &&
      typeof tokens.adminToken === 'string' &&
      typeof tokens.writeKeys === 'object'
    ) {
      return { tenant: tokens.tenant, adminToken: tokens.adminToken, writeKeys: tokens.writeKeys };
    }
  } catch {
    // Told below, in the same words as for JSON of another shape.
  }
  throw new ConfigError(`${path} is damaged; restore it, or remove it to have new tokens made.`);
}

async function replace(path: string, tokens: Tokens): Promise<void> {
  await rename(await write(path, tokens), path);
}

async function write(path: string, tokens: Tokens): Promise<string> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}`;
  const file = await open(temporary, 'wx', 0o600);
  try {
    await file.writeFile(`${JSON.stringify(tokens, null, 2)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  return temporary;
}

function secret(prefix: string): string {
  return `${prefix}_${randomBytes(SECRET_BYTES).toString('base64url')}`;
}
