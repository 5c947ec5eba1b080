import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { type Browser, launch, type Page } from 'puppeteer-core';
import { provideChromium } from '../../scripts/setup/chromium.mjs';

/** Where screenshots go; not committed. */
export const PICTURES = path.resolve(import.meta.dirname, '../../.runtime/console');

export interface Faults {
  /** Complaints of the browser's console, its network and its policies about a page since the last call. */
  take(): string[];
  /** From now until the next `take`, faults that fit are let be, such as the log of an answer with 401. */
  allow(pattern: RegExp): void;
}

export async function launchBrowser(): Promise<Browser> {
  const { program, env } = await provideChromium();
  mkdirSync(PICTURES, { recursive: true });
  return launch({
    executablePath: program,
    env: { ...process.env, ...env },
    headless: true,
    // In a container there is neither a sandbox for root nor much of /dev/shm.
    args: [
      '--no-sandbox',
      '--disable-dev-shm-usage',
      '--disable-gpu',
      '--lang=en',
      '--font-render-hinting=none',
    ],
  });
}

/** Collects errors, requests to other origins and refusals by the content security policy. */
export async function watchFaults(page: Page, origins: readonly string[]): Promise<Faults> {
  let found: string[] = [];
  let allowed: RegExp[] = [];
  page.on('console', (message) => {
    const { url = '' } = message.location();
    if (message.type() === 'error' || message.type() === 'warn')
      found.push(`${message.type()}: ${message.text()} ${url}`);
  });
  page.on('pageerror', (error) => found.push(`thrown: ${error instanceof Error ? error.stack : error}`));
  page.on('request', (request) => {
    const address = new URL(request.url());
    if (address.protocol === 'data:' || address.protocol === 'blob:') return;
    if (!origins.includes(address.origin)) found.push(`request to another origin: ${request.url()}`);
  });
  await page.exposeFunction('reportPolicy', (text: string) => found.push(`content security policy: ${text}`));
  await page.evaluateOnNewDocument(() => {
    document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sample }) => {
      const { reportPolicy } = window as unknown as { reportPolicy: (text: string) => void };
      reportPolicy(`${violatedDirective} ${blockedURI} ${sample}`);
    });
  });
  return {
    take() {
      const bad = found.filter((text) => !allowed.some((pattern) => pattern.test(text)));
      found = [];
      allowed = [];
      return bad;
    },
    allow: (pattern) => void allowed.push(pattern),
  };
}
