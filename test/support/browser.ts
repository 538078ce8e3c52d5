import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import puppeteer, { type Page } from 'puppeteer-core';

const CHROMIUM = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';
/** Ten thousand events take an SDK minutes on a busy machine. */
const PROTOCOL_TIMEOUT_MS = 300_000;

/** Headless Chromium with a profile of its own and one page. */
export interface Browser {
  readonly page: Page;
  close(): Promise<void>;
}

/** Opens one. */
export async function openBrowser(): Promise<Browser> {
  const profile = mkdtempSync(join(tmpdir(), 'tessera-chromium-'));
  const browser = await puppeteer.launch({
    ...{
      executablePath: CHROMIUM,
      headless: true,
      userDataDir: profile,
      protocolTimeout: PROTOCOL_TIMEOUT_MS,
    },
    args: [
      ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync'],
      ...['--disable-background-networking', '--disable-component-update', '--disable-dev-shm-usage'],
    ],
  });
  return {
    page: await browser.newPage(),
    async close() {
      await browser.close();
      // Chromium's children outlive its main process by a moment and still write there.
      rmSync(profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
    },
  };
}
