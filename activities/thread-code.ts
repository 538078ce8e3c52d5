import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, stat, unlink, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build, stop } from 'esbuild';

/** Beside `node_modules`, where the libraries are found that the code is left to load by itself. */
const FOLDER = fileURLToPath(new URL('../.cache/threads/', import.meta.url));

/** Files that no start has made anew for so long are of versions that are gone. */
const KEPT_MS = 30 * 24 * 3_600_000;

async function sweep(): Promise<void> {
  for (const name of await readdir(FOLDER)) {
    const path = join(FOLDER, name);
    // Another process may be sweeping too.
    const file = await stat(path).catch(() => undefined);
    if (file !== undefined && Date.now() - file.mtimeMs > KEPT_MS) await unlink(path).catch(() => undefined);
  }
}

/**
 * A module of ours and all that it imports of ours, in JavaScript, as files that a thread starts from in a third of the time
 * and without a loader of sources in its memory. Files are named by their content. Where they can't be kept, as in a folder
 * that is read-only, answers `otherwise`.
 */
export async function threadCode(entry: URL, otherwise: URL): Promise<URL> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(entry)],
    ...{ bundle: true, splitting: true, platform: 'node', format: 'esm', target: 'node20' },
    // Libraries stay where they are, native ones among them.
    packages: 'external',
    ...{ outdir: FOLDER, entryNames: '[name]-[hash]', outExtension: { '.js': '.mjs' } },
    ...{ write: false, logLevel: 'silent' },
  });
  // The compiler is a process of its own, of some 25 MB.
  await stop();
  try {
    await mkdir(FOLDER, { recursive: true });
    for (const { path, contents } of outputFiles) {
      // Renamed into place: another process reads a whole file or none.
      const draft = `${path}.${randomUUID()}`;
      await writeFile(draft, contents);
      await rename(draft, path);
    }
    await sweep();
  } catch {
    return otherwise;
  }
  const name = basename(fileURLToPath(entry), '.ts');
  const start = outputFiles.find(({ path }) => basename(path).startsWith(`${name}-`));
  return start === undefined ? otherwise : pathToFileURL(start.path);
}
