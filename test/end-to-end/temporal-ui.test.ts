import assert from 'node:assert/strict';
import type { Page } from 'puppeteer-core';
import { openBrowser, type Browser } from '../support/browser.ts';
import { startPlatform, type Platform } from '../support/platform.ts';
import { identify, word } from '../support/segment.ts';
import { eventually } from '../support/wait.ts';

/** What a page shows; the UI puts text that people wrote into frames. */
async function textOf(page: Page): Promise<string> {
  const texts = await Promise.all(page.frames().map((frame) => frame.evaluate('document.body.innerText')));
  return texts.join('\n');
}

/** Waits until the page shows all of it; answers what it shows. */
function shows(page: Page, ...wanted: string[]): Promise<string> {
  return eventually(`the page to show ${wanted.join(', ')}`, async () => {
    const text = await textOf(page);
    return wanted.every((part) => text.includes(part)) ? text : undefined;
  });
}

describe("Temporal's UI", function () {
  let platform: Platform;
  let browser: Browser;
  before(async () => {
    platform = await startPlatform();
    browser = await openBrowser();
  });
  after(async () => {
    await browser.close();
    await platform.stop();
  });

  async function open(...args: string[]): Promise<string> {
    const ran = await platform.cli('temporal', 'open', ...args);
    assert.equal(ran.code, 0, ran.stderr);
    return ran.stdout.trim();
  }

  it("shows what a decision's run was given and answered, and its summary, to who opened a link, and to nobody else", async () => {
    const [jane, janet] = [word('jane'), word('janet')];
    await platform.send([identify({ userId: jane }), identify({ userId: janet })]);
    await platform.drained();
    const ran = await platform.cli(
      ...['profile', 'link', `userId:${jane}`, `userId:${janet}`, '--reason', 'a test', '--json'],
    );
    assert.equal(ran.code, 0, ran.stderr);
    const { decisionId, profiles } = JSON.parse(ran.stdout) as { decisionId: string; profiles: string[] };
    const workflowId = `resolution/demo/${decisionId}`;
    const result = [profiles[0] ?? '', '"mergedAway": 1', '"stage": "done"'];
    const { page } = browser;

    const ui = `http://127.0.0.1:${platform.uiPort}`;
    await page.goto(`${ui}/namespaces/demo/workflows/${encodeURIComponent(workflowId)}`);
    const sealed = await shows(page, workflowId, 'Codec Server could not connect');
    for (const part of result) assert.ok(!sealed.includes(part), sealed);

    await page.goto(await open(workflowId));
    await shows(page, workflowId, '"tenant": "demo"', `"resolutionId": "${decisionId}"`, ...result);
    await page.goto(page.url().replace(/\/[^/]*$/, '/user-metadata'));
    await shows(page, 'Resolution', '1 of 1 steps; 0 profiles made, 1 merged away');
  });

  it('opens on the list of workflows where none is named, and the link works once', async () => {
    const link = await open();
    const { page } = browser;
    await page.goto(link);
    await shows(page, 'ingestion/demo/web');
    assert.equal((await page.goto(link))?.status(), 404);
    await shows(page, 'npx tessera temporal open');
  });
});
