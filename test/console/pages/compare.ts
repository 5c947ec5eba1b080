import { expect, it } from 'vitest';
import type { Suite } from '../bench.ts';

/** Versions beside each other. */
export const compare: Suite = {
  page: 'compare',
  tests(bench) {
    it('sets chosen versions against each other: differences, settings, curves, the front', async () => {
      const { open, says, click, model, audit } = bench();
      await open('#/compare');
      await says('Choose two to four versions above');
      await click('Version 1');
      await says('Choose one more version');
      await click('Version 2');
      await says('Version 2 less version 1');
      await says('What differs in their settings');
      await says('student.dimensions');
      await says('Quality, bytes and time');
      await says(/front/);
      await says(/Over \d+ users?, paired|They are not compared/);
      await says('Training: distillation');
      expect(await audit('compare')).toEqual([]);
      await open(`#/compare/${model}?versions=2,1`);
      await says('Version 1 less version 2');
    });

    it('names what two settings are', async () => {
      const { open, says, page, model } = bench();
      await open(`#/compare/${model}?versions=1,2`);
      await says('student.dimensions');
      const row = await page.$$eval('tr', (rows) =>
        rows
          .map((one) => [...one.cells].map((cell) => cell.textContent))
          .find(([name]) => name === 'student.dimensions'),
      );
      expect(row).toEqual(['student.dimensions', '8', '16']);
    });

    it('says once that a version is not there', async () => {
      const { open, says, faults, text, model } = bench();
      faults.allow(/404/);
      await open(`#/compare/${model}?versions=1,99`);
      await says('has no version 99');
      expect((await text()).split('has no version 99')).toHaveLength(2);
    });
  },
};
