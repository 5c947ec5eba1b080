import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Page } from 'puppeteer-core';
import { expect, it } from 'vitest';
import { eventually } from '../../helpers/eventually.ts';
import type { Suite } from '../bench.ts';

/** Drops a file on the page, as somebody does who drags it from a folder. */
async function dropFile(page: Page, name: string, text: string): Promise<void> {
  await page.waitForSelector('.drop');
  await page.evaluate(
    (called, contents) => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File([contents], called));
      const place = document.querySelector('.drop')!;
      for (const type of ['dragenter', 'dragover', 'drop'])
        place.dispatchEvent(new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true }));
    },
    name,
    text,
  );
}

const CLICKS = (header: string, ...rows: string[]) => `${[header, ...rows].join('\n')}\n`;

export const data: Suite = {
  page: 'data',
  tests(bench) {
    it('shows what there is: counts, shapes on log axes, growth, and types with their meaning', async () => {
      const { open, says, page, audit } = bench();
      await open('#/data');
      await says('Interactions by day');
      await says('Lengths of histories');
      await says('positive');
      const labels = await page.$$eval('svg.histogram', (all) =>
        all.map((one) => one.getAttribute('aria-label')),
      );
      // Each of the 120 users has 15 of 20 items, so that all are in the bin of 8 to 15.
      expect(labels[0]).toContain('Users by number of their interactions');
      expect(labels[0]).toMatch(/8 to 15: 12\d/);
      expect(await audit('data')).toEqual([]);
    });

    it('takes a dropped file with other columns: preview, mapping by hand, dry run, import', async () => {
      const { open, says, click, choose, text, page, send, audit } = bench();
      await open('#/data');
      await dropFile(page, 'visits.csv', CLICKS('who,what,when', 'zoe,a-1,2026-03-01', 'zoe,a-2,2026-03-02'));
      await says('Say which column is userId, and which is itemId');
      await choose('who becomes', 'userId');
      await choose('what becomes', 'itemId');
      await choose('when becomes', 'timestamp');
      await page.type('::-p-aria([name="type"])', 'click');
      await says('2 of 2 rows of the file would be stored.');
      expect(await text()).toContain('2026-03-02T00:00:00.000Z');
      expect(await audit('data-preview')).toEqual([]);
      await click('Dry run');
      await says('Dry run: nothing is stored');
      await says(/would be stored\s+2/);
      expect((await send('GET', '/users/zoe/interactions')).data).toEqual([]);
      await click('Import');
      await says(/\nstored\s+2/);
      expect((await send('GET', '/users/zoe/interactions')).data).toHaveLength(2);
    });

    it('says of a refused file which option mends it, and takes the option with one click', async () => {
      const { open, says, click, page } = bench();
      await open('#/data');
      await dropFile(
        page,
        'order.csv',
        CLICKS('userId,itemId,type,timestamp', 'yan,a-1,click,12', 'yan,a-2,click,13'),
      );
      await says('timestampFormat=s');
      await says('0 of 0 rows');
      await click('Use timestampFormat=s');
      await says('2 of 2 rows of the file would be stored.');
      await says('1970-01-01T00:00:12.000Z');
    });

    it('sorts bad lines by reason, with the lines, and gives them as a file', async () => {
      const { open, says, click, page, audit } = bench();
      await open('#/data');
      const bad = ['x,a-1,rating,9', 'x,a-2,rating,17', ',a-3,rating,4'];
      await dropFile(page, 'ratings.csv', CLICKS('userId,itemId,type,value', 'x,a-4,rating,4', ...bad));
      await says('1 of 4 rows of the file would be stored.');
      await click('Dry run');
      await says('3 lines refused');
      await says(/2 value must be a number from 1 to 5 when type is rating/);
      await page.evaluate(() => document.querySelector<HTMLElement>('.reject summary')!.click());
      await says('x,a-2,rating,17');
      expect(await audit('data-rejects')).toEqual([]);
      const folder = await mkdtemp(path.join(tmpdir(), 'rejects-'));
      try {
        const session = await page.createCDPSession();
        await session.send('Browser.setDownloadBehavior', { behavior: 'allow', downloadPath: folder });
        await click('Download as CSV');
        const name = await eventually('the file is there', async () =>
          (await readdir(folder)).find((one) => one.endsWith('.csv')),
        );
        const saved = await readFile(path.join(folder, name!), 'utf8');
        expect(saved).toContain('"x,a-2,rating,17"');
        expect(saved.trim().split('\r\n')).toHaveLength(4);
        await session.detach();
      } finally {
        await rm(folder, { recursive: true });
      }
    });

    it('changes what a type means, says what would be right, and takes the declaration back', async () => {
      const { open, says, click, type, page, send, faults, audit } = bench();
      await open('#/data');
      await says('Interactions by day');
      await page.locator('::-p-aria([name="Change click"][role="button"])').click();
      await says('What click means');
      await type('weight', 'heavy');
      faults.allow(/400/);
      await click('Declare');
      await says(/weight must be a number/);
      await type('weight', '3');
      expect(await audit('data-meaning')).toEqual([]);
      await click('Declare');
      await says('you');
      expect(await send('GET', '/event-types/click')).toMatchObject({ weight: 3, source: 'declared' });
      await page.locator('::-p-aria([name="Change click"][role="button"])').click();
      await click('Take the declaration back');
      await says('its name');
      expect(await send('GET', '/event-types/click')).toMatchObject({ weight: 1, source: 'usual' });
    });
  },
};
