import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { Page } from 'puppeteer-core';
import { PICTURES } from './browser.ts';

const WIDTHS = [390, 1400] as const;
export const THEMES = ['light', 'dark'] as const;

export type Theme = (typeof THEMES)[number];

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const SERIOUS = ['serious', 'critical'];

interface Finding {
  id: string;
  impact: string;
  nodes: { html: string; failureSummary: string }[];
}

export async function lookAt(page: Page, width: number, theme: Theme): Promise<void> {
  await page.setViewport({ width, height: width < 600 ? 844 : 900 });
  await page.emulateMediaFeatures([
    { name: 'prefers-color-scheme', value: theme },
    { name: 'prefers-reduced-motion', value: 'reduce' },
  ]);
}

/**
 * Looks at what the page shows now at both widths in light and dark: findings of axe that are serious or critical, and what is wider
 * than the screen. Pictures go to `.runtime/console`.
 * @returns findings in words
 */
export async function audit(page: Page, name: string): Promise<string[]> {
  const found: string[] = [];
  for (const width of WIDTHS) {
    for (const theme of THEMES) {
      await lookAt(page, width, theme);
      const where = `${name}, ${width} px, ${theme}`;
      const findings = await seriousFindings(page, theme === 'dark' ? ['color-contrast'] : null);
      found.push(...findings.map((finding) => `${where}: ${finding}`));
      const wide = await page.evaluate(() => document.scrollingElement!.scrollWidth - innerWidth);
      if (wide > 0) found.push(`${where}: the page is ${wide} px wider than the screen`);
      const file = path.join(PICTURES, `${name}-${width}-${theme}.png`);
      await page.screenshot({ path: file as `${string}.png`, fullPage: true });
    }
  }
  await lookAt(page, 1400, 'light');
  return found;
}

/** @param rules these alone; null for all. Only colours differ between themes */
async function seriousFindings(page: Page, rules: string[] | null): Promise<string[]> {
  const isThere = await page.evaluate(() => 'axe' in window);
  // Evaluated by the debugger, so that no policy has to let it in.
  if (!isThere) await page.evaluate(AXE);
  const violations = await page.evaluate(async (only) => {
    const { axe } = window as unknown as { axe: { run(options: object): Promise<{ violations: unknown }> } };
    const options = only ? { runOnly: { type: 'rule', values: only } } : {};
    return (await axe.run({ ...options, resultTypes: ['violations'] })).violations;
  }, rules);
  return (violations as Finding[])
    .filter(({ impact }) => SERIOUS.includes(impact))
    .map(
      ({ id, impact, nodes }) =>
        `${id} (${impact}): ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`,
    );
}
