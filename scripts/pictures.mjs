#!/usr/bin/env node
// @ts-check
// Takes the pictures of docs/console.md from the demo's model: run `npm run demo -- --once` before.
//
//   node scripts/pictures.mjs [NAME ...]
import { mkdir, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { launch } from 'puppeteer-core';
import { startService } from './demo/service.mjs';
import { provideChromium } from './setup/chromium.mjs';
import { projectRoot } from './setup/paths.mjs';

const MODEL = 'movies';
const MOST_BYTES = 60_000;
/** Falling until a picture is small enough. */
const QUALITIES = [82, 70, 58, 46, 36];
/** Time for curves and lists to come. */
const SETTLED_MS = 1_500;
const folder = join(projectRoot, 'docs', 'console');
const wanted = process.argv.slice(2);

const service = await startService();
const browser = await openBrowser();
try {
  await mkdir(folder, { recursive: true });
  const page = await browser.newPage();
  for (const { name, hash, dark, width = 1280, height = 680 } of await pictures(service.base)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    await page.setViewport({ width, height });
    await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' }]);
    await page.goto('about:blank');
    await page.goto(`${service.base}/console/${hash}`, { waitUntil: 'networkidle2' });
    await page.waitForFunction("!document.querySelector('.loading')", { timeout: 30_000 });
    await sleep(SETTLED_MS);
    await take(page, join(folder, `${name}.webp`));
  }
} finally {
  await browser.close();
  await service.stop();
}
process.exit();

async function openBrowser() {
  const { program, env } = await provideChromium();
  return launch({
    executablePath: program,
    env: { ...process.env, ...env },
    args: ['--no-sandbox', '--disable-dev-shm-usage', '--lang=en'],
  });
}

/** @param {import('puppeteer-core').Page} page @param {string} file */
async function take(page, file) {
  for (const quality of QUALITIES) {
    await page.screenshot({ path: /** @type {`${string}.webp`} */ (file), type: 'webp', quality });
    const { size } = await stat(file);
    if (size > MOST_BYTES) continue;
    console.log(`${relative(projectRoot, file)}: ${(size / 1000).toFixed(0)} KB`);
    return;
  }
  throw new Error(`${file} is above ${MOST_BYTES / 1000} KB at the least quality; show less on it.`);
}

/**
 * @param {string} base
 * @returns {Promise<{ name: string, hash: string, dark?: boolean, width?: number, height?: number }[]>}
 */
async function pictures(base) {
  const answer = await fetch(`${base}/models/${MODEL}`);
  const { versions = [] } = /** @type {any} */ (await answer.json());
  if (versions.length === 0) throw new Error('There is no model of the demo: npm run demo -- --once');
  const [{ version, jobId }] = versions;
  return [
    { name: 'overview', hash: '#/overview', height: 640 },
    { name: 'overview-phone', hash: '#/overview', dark: true, width: 390, height: 844 },
    { name: 'data', hash: '#/data' },
    { name: 'new-job', hash: '#/new-job' },
    { name: 'job', hash: `#/jobs/${jobId}` },
    { name: 'report', hash: `#/report/${MODEL}/${version}` },
    { name: 'compare', hash: `#/compare/${MODEL}` },
    { name: 'try', hash: `#/try/${MODEL}?user=1` },
    { name: 'rollout', hash: `#/rollout/${MODEL}` },
    { name: 'operate', hash: '#/operate', height: 420, dark: true },
  ];
}
