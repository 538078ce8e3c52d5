import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { descendants } from '../../support/process-tree.ts';
import { isAlive, runCli, type Platform } from '../../support/platform.ts';
import { track, word } from '../../support/segment.ts';
import { basic } from '../../support/api.ts';

/** The secrets that the platform of these cases was started with. */
export const PRESETS = {
  TESSERA_ADMIN_TOKEN: 'preset-admin-token',
  TESSERA_WRITE_KEY: 'preset-write-key',
} as const;
const SOURCES = ['contact-center', 'crm', 'email', 'pos', 'social', 'web'];
const RIGHTS = 0o777;

/** How the platform starts, what it leaves in its folder, and what survives. */
export function startCases(platform: () => Platform): void {
  it('keeps its folder and its tokens to its owner, and takes presets', () => {
    const { data } = platform();
    assert.equal(statSync(data).mode & RIGHTS, 0o700);
    assert.equal(statSync(join(data, 'tokens.json')).mode & RIGHTS, 0o600);
    const tokens = JSON.parse(readFileSync(join(data, 'tokens.json'), 'utf8')) as Record<string, unknown>;
    assert.deepEqual(Object.keys(tokens).sort(), ['adminToken', 'tenant', 'writeKeys']);
    assert.equal(tokens['tenant'], 'demo');
    assert.equal(tokens['adminToken'], PRESETS.TESSERA_ADMIN_TOKEN);
    const keys = tokens['writeKeys'] as Record<string, string>;
    assert.deepEqual(Object.keys(keys).sort(), SOURCES);
    assert.equal(keys['web'], PRESETS.TESSERA_WRITE_KEY);
  });

  it('lists what it supervises, Temporal among them and itself not', () => {
    const { pids, supervisor } = platform();
    assert.deepEqual(Object.keys(pids()).sort(), ['gateway', 'temporal', 'worker']);
    const tree = descendants(supervisor.pid ?? 0);
    for (const [name, pid] of Object.entries(pids())) {
      assert.ok(isAlive(pid), name);
      assert.ok(tree.includes(pid), `${name} runs under the supervisor`);
    }
  });

  it('starts empty with all sources, and says so in exactly the status that is promised', async () => {
    const none = { received: 0, stored: 0, duplicates: 0, quarantined: 0, pending: 0 };
    assert.deepEqual(await platform().status(), {
      ...{ profiles: 0, fragments: 0, events: 0 },
      sources: Object.fromEntries(SOURCES.map((name) => [name, none])),
    });
  });

  it('says in one sentence that a port or the folder is in use', async () => {
    const { data, port, temporalPort } = platform();
    const other = join(data, 'other');
    for (const args of [
      ['start', '--empty', '--quiet', '--data', other, '--port', String(port), '--temporal-port', '0'],
      [
        'start',
        '--empty',
        '--quiet',
        '--data',
        other,
        '--port',
        '0',
        '--temporal-port',
        String(temporalPort),
      ],
      ['start', '--empty', '--quiet', '--data', data, '--port', '0', '--temporal-port', '0'],
    ]) {
      const { code, stderr } = await runCli(args);
      assert.equal(code, 1, args.join(' '));
      assert.match(stderr, /in use|already/);
      assert.doesNotMatch(stderr, /\n\s+at /, 'no stack trace');
    }
    assert.equal((await runCli(['start', '--port', 'eighty'])).code, 2);
  });

  it('brings back each process that is killed, under another id, and loses nothing', async () => {
    const user = word('u');
    const names = Object.keys(platform().pids());
    for (const name of names) {
      const sent = platform().send([track('Before', { userId: user })]);
      assert.equal((await sent).status, 200);
      await platform().recovered(name, platform().kill(name));
    }
    await platform().drained();
    assert.equal((await platform().timeline(`userId:${user}`)).length, names.length);
  });

  it('takes the key of another source for that source alone, and no key of nobody', async () => {
    const [user, message] = [word('u'), track('Seen')];
    const body = JSON.stringify({ batch: [{ ...message, userId: user }] });
    const { tokens } = platform();
    const pos = await platform().post('/v1/batch', body, {
      authorization: basic(tokens.writeKeys['pos'] ?? ''),
    });
    assert.equal(pos.status, 200);
    for (const key of ['', 'nobody', tokens.adminToken, `${tokens.writeKeys['web'] ?? ''}x`])
      assert.equal((await platform().post('/v1/batch', body, { authorization: basic(key) })).status, 401);
    await platform().drained();
    const [event, ...others] = await platform().timeline(`userId:${user}`);
    assert.equal(event?.source, 'pos');
    assert.equal(others.length, 0);
  });
}
