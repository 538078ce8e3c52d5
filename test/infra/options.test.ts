import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { StartFailure } from '../../infra/local/failure.ts';
import { parseOptions } from '../../infra/local/options.ts';

describe("the local stack's options", () => {
  it('have the documented defaults', () => {
    assert.deepEqual(parseOptions([], {}), {
      empty: false,
      quiet: false,
      data: resolve('.tessera'),
      host: '127.0.0.1',
      port: 8080,
      temporalPort: 7233,
      uiPort: 8233,
      storage: 'embedded',
      tenant: 'demo',
      namespace: 'demo',
    });
  });

  it('prefer flags to the environment', () => {
    const env = { PORT: '1', TESSERA_DATA: '/a', TESSERA_STORAGE: 'aws', TESSERA_TENANT: 'acme' };
    const options = parseOptions(['--port', '2', '--data', '/b', '--storage', 'embedded'], env);
    assert.equal(options.port, 2);
    assert.equal(options.data, '/b');
    assert.equal(options.storage, 'embedded');
    assert.equal(options.namespace, 'acme');
  });

  it('take a variable that is set and blank for one that is not set', () => {
    const names = ['PORT', 'TESSERA_DATA', 'TESSERA_HOST', 'TESSERA_STORAGE', 'TESSERA_TENANT'];
    const cluster = ['TEMPORAL_ADDRESS', 'TEMPORAL_NAMESPACE'];
    const blank = Object.fromEntries([...names, ...cluster].map((name) => [name, ' ']));
    assert.deepEqual(parseOptions([], blank), parseOptions([], {}));
  });

  it('name the flag that is wrong', () => {
    for (const args of [
      ['--port', '70000'],
      ['--port', 'x'],
      ['--storage', 'tape'],
      ['--nonsense'],
      ['stray'],
    ]) {
      assert.throws(
        () => parseOptions(args, {}),
        (error) => error instanceof StartFailure && error.remedy.startsWith('Usage: '),
      );
    }
  });
});
