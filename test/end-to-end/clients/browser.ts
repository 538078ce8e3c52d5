import { build } from 'esbuild';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { openBrowser } from '../../support/browser.ts';
import type { ClientPlan } from './plan.ts';

const PAGE = fileURLToPath(new URL('./browser-page.ts', import.meta.url));

/** A page with the browser SDK, open in headless Chromium. */
export interface BrowserClient {
  /** Hands the planned events to the SDK; they leave the page in its own time. */
  send(plan: ClientPlan): Promise<void>;
  close(): Promise<void>;
}

/** Bundles the page, serves it on loopback and opens it. */
export async function openBrowserClient(): Promise<BrowserClient> {
  const bundle = await build({
    ...{ entryPoints: [PAGE], bundle: true, write: false, format: 'iife', platform: 'browser' },
    define: { 'process.env.NODE_ENV': '"production"', global: 'globalThis' },
  });
  const script = bundle.outputFiles[0]?.text ?? '';
  const server = createServer((asked, answer) => {
    const isScript = asked.url === '/page.js';
    answer.setHeader('content-type', isScript ? 'text/javascript' : 'text/html; charset=utf-8');
    answer.end(isScript ? script : '<!doctype html><title>Shop</title><script src="/page.js"></script>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the page has no port');
  const browser = await openBrowser();
  const { page } = browser;
  await page.goto(`http://127.0.0.1:${address.port}/shop?utm_source=test`);
  return {
    async send(plan) {
      await page.evaluate(async (given) => {
        const shop = globalThis as unknown as { sendPlanned(plan: unknown): Promise<number> };
        await shop.sendPlanned(given);
      }, plan);
    },
    async close() {
      await browser.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
