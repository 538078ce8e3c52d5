import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError, gatewayConfig } from '../../../client/gateway/config.ts';
import { SOURCES, provision } from '../../../client/gateway/provision.ts';
import type { Tokens } from '../../../client/gateway/provision.ts';
import { openStorage } from '../../../storage/open.ts';
import type { Storage } from '../../../storage/ports.ts';
import { createRegistry } from '../../../storage/registry/registry.ts';
import type { Registry } from '../../../storage/registry/types.ts';
import { createVault } from '../../../storage/vault/vault.ts';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

describe('provisioning', () => {
  let dir: string;
  let storage: Storage;
  let registry: Registry;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'tessera-provision-'));
    storage = await openStorage({ kind: 'embedded', dir: join(dir, 'store') });
    registry = createRegistry({ tenant: 'demo', storage, vault: createVault({ tenant: 'demo', storage }) });
  });
  afterEach(async () => {
    await storage.close();
    await rm(dir, { recursive: true, force: true });
  });

  const run = (given: { adminToken?: string; writeKey?: string; tenant?: string } = {}): Promise<Tokens> =>
    provision({
      tenant: given.tenant ?? 'demo',
      dataDir: dir,
      registry,
      adminToken: given.adminToken,
      writeKey: given.writeKey,
    });

  it('makes the six sources and a file that its owner alone can read', async () => {
    const tokens = await run();
    const path = join(dir, 'tokens.json');
    assert.equal((await stat(path)).mode & 0o777, 0o600);
    assert.deepEqual(JSON.parse(await readFile(path, 'utf8')), tokens);
    const sources = await registry.sources();
    assert.deepEqual(sources.map(({ name }) => name).sort(), [...SOURCES].sort());
    for (const { name, writeKeyHashes } of sources) {
      assert.deepEqual(writeKeyHashes, [sha256(tokens.writeKeys[name] ?? '')]);
    }
    assert.deepEqual((await readdir(dir)).sort(), ['store', 'tokens.json']);
  });

  it('changes nothing the second time, and two at once agree', async () => {
    const [one, two] = await Promise.all([run(), run()]);
    assert.deepEqual(one, two);
    assert.deepEqual(await run(), one);
    assert.equal((await registry.source('web'))?.writeKeyHashes.length, 1);
  });

  it('takes presets, and a later one of the admin token', async () => {
    const first = await run({ adminToken: 'an-admin-token-0', writeKey: 'a-write-key-of-web' });
    assert.equal(first.adminToken, 'an-admin-token-0');
    assert.equal(first.writeKeys['web'], 'a-write-key-of-web');
    const second = await run({ adminToken: 'an-admin-token-1' });
    assert.deepEqual(second, { ...first, adminToken: 'an-admin-token-1' });
    assert.deepEqual(await run(), second);
  });

  it('finishes what a crash after the file left undone', async () => {
    const tokens = { tenant: 'demo', adminToken: 'x', writeKeys: { web: 'a-write-key-of-web' } };
    await writeFile(join(dir, 'tokens.json'), JSON.stringify(tokens));
    await run();
    assert.deepEqual((await registry.source('web'))?.writeKeyHashes, [sha256('a-write-key-of-web')]);
    assert.equal((await registry.sources()).length, SOURCES.length);
  });

  it('gives a lost file new keys beside the old ones', async () => {
    const first = await run();
    await rm(join(dir, 'tokens.json'));
    const second = await run();
    assert.notEqual(second.writeKeys['web'], first.writeKeys['web']);
    assert.deepEqual(
      (await registry.source('web'))?.writeKeyHashes.toSorted(),
      [first, second].map((tokens) => sha256(tokens.writeKeys['web'] ?? '')).sort(),
    );
  });

  it('says in one sentence what is wrong with a file that is damaged or another tenant’s', async () => {
    await run();
    await assert.rejects(run({ tenant: 'other' }), ConfigError);
    await writeFile(join(dir, 'tokens.json'), '{');
    await assert.rejects(run(), /damaged/);
  });

  it('names the variable that is wrong', () => {
    for (const [name, value] of Object.entries({
      PORT: '70000',
      TESSERA_TENANT: '../x',
      TESSERA_LOG_LEVEL: 'loud',
      TESSERA_ADMIN_TOKEN: 'naïve',
      TESSERA_WRITE_KEY: 'with a space and: colon',
      TESSERA_TRUSTED_PROXIES: '10.0.0.0/8, everybody',
    })) {
      assert.throws(() => gatewayConfig({ [name]: value }), new RegExp(`^ConfigError: ${name} `));
    }
    assert.equal(gatewayConfig({}).host, '127.0.0.1');
  });

  it('takes addresses and ranges as trusted proxies, none by default, and never all the world', () => {
    const trusted = (value: string): readonly string[] =>
      gatewayConfig({ TESSERA_TRUSTED_PROXIES: value }).trustedProxies;
    assert.deepEqual(gatewayConfig({}).trustedProxies, []);
    assert.deepEqual(trusted('10.0.0.0/8, 192.168.1.7,fd00::/8,::1'), [
      '10.0.0.0/8',
      '192.168.1.7',
      'fd00::/8',
      '::1',
    ]);
    for (const value of ['0.0.0.0/0', '10.0.0.0/33', '10.0.0.0/', '10.0.0.0/8/8', 'loopback', '1.1.1.1,']) {
      assert.throws(() => trusted(value), /^ConfigError: TESSERA_TRUSTED_PROXIES must be/, value);
    }
  });

  it('takes a short secret on loopback alone', () => {
    const preset = { TESSERA_ADMIN_TOKEN: 'short' };
    assert.equal(gatewayConfig(preset).adminToken, 'short');
    assert.throws(
      () => gatewayConfig({ ...preset, TESSERA_HOST: '0.0.0.0' }),
      /^ConfigError: TESSERA_ADMIN_TOKEN must have at least 16/,
    );
  });
});
