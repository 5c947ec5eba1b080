import { expect, it } from 'vitest';
import type { Suite } from '../bench.ts';

export const overview: Suite = {
  page: 'overview',
  tests(bench) {
    it('leads a new installation from its data to a first recommendation', async () => {
      const { open, says, click, text, send } = bench();
      const before = await send('GET', '/answers');
      expect(before.data.filter(({ source }: { source: string }) => source === 'student')).toEqual([]);
      await open('');
      await says('First steps');
      await says('A first recommendation');
      await click('Ask for one');
      await says(
        /A visitor who has just clicked (Harbour|Mountain) \d+, .* is shown: (Harbour|Mountain) \d+/,
      );
      const { data } = await send('GET', '/answers');
      expect(data).toContainEqual(
        expect.objectContaining({ source: 'student', model: bench().model, version: 1 }),
      );
      await open('');
      await says('Recommendations by source');
      await says('student');
      expect(await text()).not.toContain('First steps');
    });

    it('says of each live model what it keeps, with intervals', async () => {
      const { open, says, send, model, page, text } = bench();
      const report = await send('GET', `/models/${model}/versions/1/report`);
      const { value, low, high } = report.headline.retained;
      const percent = (share: number) => `${(share * 100).toFixed(1)} %`;
      // A version that is only looked at is loaded as well, but is not live.
      await send('POST', '/recommend', { model, version: 2, interactions: [{ itemId: 'a-1' }] });
      expect((await send('GET', '/health/ready')).models).toHaveLength(2);
      await open('');
      await says('1 model is live.');
      await says("of its teacher's NDCG");
      const shown = await text();
      expect(shown).toContain(percent(value));
      expect(shown).toContain(`${percent(low)} to ${percent(high)}`);
      expect(shown).toContain('over the best model without a teacher');
      expect(shown.split('answers by default')).toHaveLength(2);
      const bars = await page.$$eval('svg.interval', (found) =>
        found.map((one) => one.getAttribute('aria-label')),
      );
      expect(bars).toContain(`${percent(value)}, from ${percent(low)} to ${percent(high)}`);
    });

    it('shows jobs, workers, disk, and what happened lately', async () => {
      const { open, says, text, audit, model } = bench();
      await open('');
      await says('1 worker');
      await says('Free disk');
      await says('promoted');
      expect(await text()).toContain(`${model} version 1`);
      expect(await audit('overview')).toEqual([]);
    });
  },
};
