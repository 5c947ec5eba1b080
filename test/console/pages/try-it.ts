import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { type ConsoleBench, KEY, type Suite } from '../bench.ts';

const run = promisify(execFile);

/** Titles of the list that is shown, best first. */
const titlesOf = ({ page }: ConsoleBench, list = 0) =>
  page.$$eval(
    '.recommended',
    (lists, which) =>
      [...lists[which]!.querySelectorAll('.recommended-top > :first-child')].map((one) => one.textContent),
    list,
  );

/** Runs a snippet with the key in the environment. @returns what it prints */
async function runSnippet(language: 'curl' | 'JavaScript', code: string): Promise<string> {
  const env = { ...process.env, STILLHOUSE_KEY: KEY };
  if (language === 'curl') return (await run('sh', ['-c', code], { env })).stdout;
  const folder = await mkdtemp(path.join(tmpdir(), 'snippet-'));
  try {
    const file = path.join(folder, 'snippet.mjs');
    await writeFile(
      file,
      code.replace('console.log(await answer.json())', 'console.log(JSON.stringify(await answer.json()))'),
    );
    return (await run(process.execPath, [file], { env })).stdout;
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Recommendations for users and for made-up sessions. */
export const tryIt: Suite = {
  page: 'try',
  tests(bench) {
    it('shows what a user would be shown, with what speaks for it', async () => {
      const { open, says, type, click, user, page, audit, model } = bench();
      await open('#/try');
      await says('Name a user');
      await type('Id of the user', user.id);
      await click('Recommend');
      await says('The version that is live');
      await says('History');
      await page.waitForSelector('.because li');
      const wanted = new Set(
        user.wanted.map((id) => `${id.startsWith('a') ? 'Harbour' : 'Mountain'} ${id.slice(2)}`),
      );
      const [best] = await titlesOf(bench());
      expect(wanted).toContain(best);
      expect(await page.evaluate(() => location.hash)).toBe(
        `#/try/${model}?${new URLSearchParams({ user: user.id })}`,
      );
      expect(await audit('try-it')).toEqual([]);
    });

    it('makes a session of items that are found by their titles', async () => {
      const { open, says, click, type, page, send, model } = bench();
      await open('#/try');
      await click('A made-up session');
      await type('Search for items by words of their titles, or by id', 'mountain 17');
      await page.waitForSelector('.found button');
      await click('Mountain 17, add');
      await says('The version that is live');
      await page.waitForSelector('.recommended li');
      const body = { model, k: 10, interactions: [{ itemId: 'b-17' }] };
      const { items } = await send('POST', '/recommend', body);
      expect(await titlesOf(bench())).toEqual(items.map(({ title }: { title: string }) => title));
      await click('Take out Mountain 17');
      await says('Name a user, or search for items');
    });

    it('finds an item by its id, and takes an id that the catalogue lacks as it is', async () => {
      const { open, says, click, type, page } = bench();
      await open('#/try');
      await click('A made-up session');
      await type('Search for items by words of their titles, or by id', 'b-17');
      await click('Mountain 17, add');
      await type('Search for items by words of their titles, or by id', 'not-there-1');
      await click('Add not-there-1 as an id');
      await page.waitForFunction(() => location.hash.endsWith('?item=b-17&item=not-there-1'));
      await says('not-there-1');
    });

    it('sets two versions side by side, and filters both', async () => {
      const { open, says, type, page, user, model } = bench();
      await open(`#/try/${model}?user=${encodeURIComponent(user.id)}&beside=2`);
      await says('Version 2');
      await page.waitForFunction(() => document.querySelectorAll('.recommended').length === 2);
      await type('Category', 'Land');
      await page.keyboard.press('Enter');
      await page.waitForFunction(() => {
        const titles = [...document.querySelectorAll('.recommended-top > :first-child')];
        return titles.length > 0 && titles.every((one) => one.textContent!.startsWith('Mountain'));
      });
      await type('Filter', 'year >');
      bench().faults.allow(/400/);
      await page.keyboard.press('Enter');
      await page.waitForFunction(() => document.body.textContent!.split('invalid-request').length === 3);
    });

    it.each(['curl', 'JavaScript'] as const)('gives the request as %s that runs', async (language) => {
      const { open, says, click, page, user, model } = bench();
      for (const who of [`user=${encodeURIComponent(user.id)}`, 'item=a-1&item=a-2']) {
        await open(`#/try/${model}?${who}&category=Sea`);
        await says('The same from your code');
        await page.waitForSelector('.recommended li');
        await click(language);
        const code = await page.$eval('.copy pre', (one) => one.textContent!);
        const { items } = JSON.parse(await runSnippet(language, code)) as { items: { title: string }[] };
        expect(items.map(({ title }) => title)).toEqual(await titlesOf(bench()));
      }
    });
  },
};
