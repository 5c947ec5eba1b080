import { createHash } from 'node:crypto';
import type { Browser, Page } from 'puppeteer-core';
import { eventually } from '../helpers/eventually.ts';
import { type FaultyProxy, startFaultyProxy } from '../helpers/faulty-proxy.ts';
import { startService, type TestService } from '../helpers/service.ts';
import { audit, lookAt } from './audit.ts';
import { type Faults, launchBrowser, watchFaults } from './browser.ts';
import { type Filled, fillService } from './fill-service.ts';

/** Key of the tests' service, with the scope admin. */
export const KEY = 'a-key-of-the-console-tests';

const LONG_MS = 25_000;
const SHORT_MS = 5_000;
/** Roles of what is clicked. */
const CLICKED = ['button', 'link', 'checkbox', 'radio', 'tab', 'option', 'switch'];

/** One service with one small trained model and one browser, for the suites of all pages. */
export interface ConsoleBench extends Filled {
  /** Address of the console's service, which is a proxy's: `proxy.misbehave` takes the api away. */
  url: string;
  proxy: FaultyProxy;
  page: Page;
  faults: Faults;
  service: TestService;
  /** A request with the key, past the browser. @throws where the answer is no success */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape.
  send(method: string, path: string, body?: unknown, contentType?: string): Promise<any>;
  /** Loads a place of the console, such as `#/jobs`, at 1400 px in light, with the key unless another one is said. */
  open(hash: string, options?: { key?: string | null; url?: string }): Promise<void>;
  /** Goes to a place without loading the page again. */
  go(hash: string): Promise<void>;
  /** Text that can be read on the page now. */
  text(): Promise<string>;
  /** Waits until the page says it. @throws with what it says instead */
  says(text: string | RegExp): Promise<void>;
  /** Clicks the button, link, tab, option or input of this name (as a screen reader says it), once it is there. */
  click(name: string): Promise<void>;
  /** Puts text into the field of this label, in place of what is in it. */
  type(label: string, text: string): Promise<void>;
  /** Chooses an option of the select with this label, by its value. */
  choose(label: string, value: string): Promise<void>;
  audit(name: string): Promise<string[]>;
  close(): Promise<void>;
}

/** Checks of one page. */
export interface Suite {
  page: string;
  /** Registers tests; `bench` is there when they run. */
  tests(bench: () => ConsoleBench): void;
}

export async function startBench(): Promise<ConsoleBench> {
  const hash = createHash('sha256').update(KEY).digest('hex');
  const [service, browser] = await Promise.all([
    startService({ env: { API_KEYS: `${hash}:admin`, LOG_LEVEL: 'info' } }),
    launchBrowser(),
  ]);
  try {
    return await createBench(service, browser);
  } catch (error) {
    await Promise.all([browser.close(), service.dispose()]);
    throw error;
  }
}

async function createBench(service: TestService, browser: Browser): Promise<ConsoleBench> {
  const send = sender(service.url);
  const filled = await fillService(send);
  const proxy = await startFaultyProxy(service.url);
  const page = await browser.newPage();
  const faults = await watchFaults(page, [proxy.address]);
  return {
    ...filled,
    ...driver(page, proxy.address),
    ...{ url: proxy.address, proxy, page, faults, service, send },
    audit: (name) => audit(page, name),
    async close() {
      await browser.close();
      await proxy.close();
      await service.dispose();
    },
  };
}

function sender(url: string): ConsoleBench['send'] {
  return async (method, path, body, contentType = 'application/json') => {
    const answer = await fetch(url + path, {
      method,
      headers: { authorization: `Bearer ${KEY}`, ...(body !== undefined && { 'content-type': contentType }) },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${text}`);
    return answer.headers.get('content-type')?.includes('json') ? JSON.parse(text) : text;
  };
}

type Driver = Pick<ConsoleBench, 'open' | 'go' | 'text' | 'says' | 'click' | 'type' | 'choose'>;

function driver(page: Page, ownUrl: string): Driver {
  let keyScript: string | undefined;
  // biome-ignore lint/performance/useDomNodeTextContent: what is hidden cannot be read on the page.
  const text = () => page.evaluate(() => document.body.innerText);
  const go = (hash: string) =>
    page.evaluate((to) => {
      location.hash = to;
    }, hash);
  const named = async (name: string) =>
    (await page.waitForSelector(`::-p-aria([name="${name}"])`, { timeout: LONG_MS }))!;
  // The cell around a button is called as it is, and comes first.
  const clickable = async (name: string) => {
    const each = CLICKED.map((role) => `::-p-aria([name="${name}"][role="${role}"])`);
    return (
      (await page.waitForSelector(each.join(', '), { timeout: SHORT_MS }).catch(() => null)) ?? named(name)
    );
  };
  return {
    text,
    go,
    async open(hash, { key = KEY, url = ownUrl } = {}) {
      await lookAt(page, 1400, 'light');
      // An address that differs behind # alone would not be loaded.
      await page.goto('about:blank');
      if (keyScript !== undefined) await page.removeScriptToEvaluateOnNewDocument(keyScript);
      const { identifier } = await page.evaluateOnNewDocument((kept) => {
        // No page of an origin, such as about:blank, keeps anything.
        if (location.origin === 'null') return;
        if (kept === null) sessionStorage.clear();
        else sessionStorage.setItem('stillhouse-key', kept);
      }, key);
      keyScript = identifier;
      await page.goto(`${url}/console/${hash}`, { waitUntil: 'load' });
    },
    async says(wanted) {
      const fits = (shown: string) =>
        typeof wanted === 'string' ? shown.includes(wanted) : wanted.test(shown);
      await eventually(`the page says ${wanted}`, async () => fits(await text()), LONG_MS, 40).catch(
        async (error) => {
          throw new Error(`${error.message}\nIt says:\n${await text()}`);
        },
      );
    },
    async click(name) {
      await (await clickable(name)).click();
    },
    async type(label, value) {
      const field = await named(label);
      await field.click({ count: 3 });
      await page.keyboard.press('Backspace');
      await field.type(value);
    },
    async choose(label, value) {
      await (await named(label)).select(value);
    },
  };
}
