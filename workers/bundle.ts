import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, type Logger, type WorkflowBundle } from '@temporalio/worker';

const root = fileURLToPath(new URL('..', import.meta.url));
const workflowsPath = join(root, 'workflows', 'index.ts');

/** The module that converts failures, in workflows and outside of them. */
export const failureConverterPath = join(root, 'workflows', 'contract', 'failure-converter.ts');

/** Folders whose files end up in the bundle. */
const BUNDLED = ['workflows', 'domain'];

async function sources(): Promise<string[]> {
  const lists = await Promise.all(
    BUNDLED.map(async (folder) => {
      const names = await readdir(join(root, folder), { recursive: true });
      return names.filter((name) => name.endsWith('.ts')).map((name) => join(folder, name));
    }),
  );
  return lists.flat().sort();
}

/** Names the bundle by everything that it is made of, the lock file standing for the libraries. */
async function contentKey(): Promise<string> {
  const hash = createHash('sha256');
  for (const name of [...(await sources()), 'package-lock.json']) {
    hash.update(`${name}\n`).update(await readFile(join(root, name)));
  }
  return hash.digest('hex').slice(0, 32);
}

async function build(logger?: Logger): Promise<WorkflowBundle> {
  return bundleWorkflowCode({
    workflowsPath,
    failureConverterPath,
    ...(logger === undefined ? {} : { logger }),
  });
}

async function keep(path: string, folder: string, code: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  // Renamed into place: another process reads a whole bundle or none.
  const draft = `${path}.${randomUUID()}`;
  await writeFile(draft, code);
  await rename(draft, path);
  for (const name of await readdir(folder))
    if (join(folder, name) !== path && name.endsWith('.js')) await rm(join(folder, name), { force: true });
}

/**
 * The workflows' code as the worker runs it and as replay tests replay it. Built once for each state of the sources
 * and kept on disk, since building takes seconds.
 */
export async function workflowBundle(logger?: Logger): Promise<WorkflowBundle> {
  const name = `${await contentKey()}.js`;
  const folders = [join(root, '.cache', 'workflow-bundle'), join(tmpdir(), 'tessera-workflow-bundle')];
  for (const folder of folders) {
    const code = await readFile(join(folder, name), 'utf8').catch(() => undefined);
    if (code !== undefined) return { code };
  }
  const bundle = await build(logger);
  for (const folder of folders) {
    const kept = await keep(join(folder, name), folder, bundle.code).then(
      () => true,
      () => false,
    );
    if (kept) break;
  }
  return bundle;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { code } = await workflowBundle();
  process.stdout.write(`workflow bundle: ${code.length} bytes\n`);
}
