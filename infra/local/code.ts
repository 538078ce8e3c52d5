import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, stat, unlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build, stop, type Plugin } from 'esbuild';

const TSX = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** Beside `node_modules`, where the libraries are found that the code is left to load by itself. */
const FOLDER = join(ROOT, '.cache', 'processes');

/** Files that no start has made anew for so long are of versions that are gone. */
const KEPT_MS = 30 * 24 * 3_600_000;

/** Modules find files beside them by their own address, which is that of their source. */
const ownAddress: Plugin = {
  name: 'own-address',
  setup(building) {
    building.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      const address = JSON.stringify(pathToFileURL(path).href);
      return { loader: 'ts', contents: source.replaceAll('import.meta.url', address) };
    });
  },
};

/** How Node is told what to run. */
export type Code = readonly string[];

/** Sources as they are, by a loader that stays in the process's memory. */
function fromSources(entry: string): Code {
  return ['--import', TSX, join(ROOT, entry)];
}

/**
 * What starts our processes: their modules in JavaScript, bundled, which start sooner, take 60 MB less and run faster than
 * through a loader of sources. `entries` are paths in this project by the process's name; answers in the same names. Files
 * are named by their content; where they can't be made or kept, as in a folder that is read-only, the sources are run.
 */
export async function processCode<Name extends string>(
  entries: Readonly<Record<Name, string>>,
): Promise<Record<Name, Code>> {
  const names = Object.keys(entries) as Name[];
  const bundled = await bundle(entries).catch(() => undefined);
  // The compiler is a process of its own.
  await stop();
  const code = names.map((name) => {
    const file = bundled?.find((path) => path.startsWith(join(FOLDER, `${name}-`)) && path.endsWith('.mjs'));
    return [name, file === undefined ? fromSources(entries[name]) : [file]] as const;
  });
  return Object.fromEntries(code) as Record<Name, Code>;
}

/** The files that were made. */
async function bundle(entries: Readonly<Record<string, string>>): Promise<string[]> {
  const { outputFiles } = await build({
    entryPoints: Object.fromEntries(Object.entries(entries).map(([name, path]) => [name, join(ROOT, path)])),
    ...{ bundle: true, splitting: true, platform: 'node', format: 'esm', target: 'node20' },
    // Libraries stay where they are, native ones among them.
    ...{ packages: 'external', plugins: [ownAddress] },
    ...{ outdir: FOLDER, entryNames: '[name]-[hash]', outExtension: { '.js': '.mjs' }, sourcemap: 'linked' },
    ...{ write: false, logLevel: 'silent' },
  });
  await mkdir(FOLDER, { recursive: true });
  for (const { path, contents } of outputFiles) {
    // Renamed into place: another process reads a whole file or none.
    const draft = `${path}.${randomUUID()}`;
    await writeFile(draft, contents);
    await rename(draft, path);
  }
  await sweep();
  return outputFiles.map(({ path }) => path);
}

async function sweep(): Promise<void> {
  for (const name of await readdir(FOLDER)) {
    const path = join(FOLDER, name);
    // Another start may be sweeping too.
    const stats = await stat(path).catch(() => undefined);
    if (stats !== undefined && Date.now() - stats.mtimeMs > KEPT_MS)
      await unlink(path).catch(() => undefined);
  }
}
