import type { HTTPRequest } from 'puppeteer-core';
import { expect, it } from 'vitest';
import type { Suite } from '../bench.ts';

/** The report of a version: in words, in tables and drawn, and what it kept for sample users. */
export const report: Suite = {
  page: 'report',
  tests(bench) {
    it('leads from the versions of a model to the report of one', async () => {
      const { open, says, click, model, audit, page } = bench();
      await open('#/report');
      await says('Size against quality');
      await says('Version 2');
      expect(await page.$$eval('svg.scatter a', (points) => points.length)).toBe(2);
      expect(await audit('report-versions')).toEqual([]);
      await click('Version 1');
      await says('Verdict');
      expect(await page.evaluate(() => location.hash)).toBe(`#/report/${model}/1`);
    });

    it('says the verdict in words, and shows every part of the report', async () => {
      const { open, says, text, send, model, audit } = bench();
      const { verdict, headline } = await send('GET', `/models/${model}/versions/1/report`);
      await open(`#/report/${model}/1`);
      await says(verdict.text);
      await says('What is served');
      const shown = await text();
      expect(shown).toContain(headline.student.value.toFixed(4));
      for (const part of [
        'The models on the same test users',
        'Three kinds of history',
        'What it kept',
        'Segments',
        'Coverage and popularity bias',
        'Rounding',
        'Calibration',
        'Size against quality',
        'Data and test',
      ]) {
        expect(shown).toContain(part);
      }
      expect(shown).toContain('Best small model, no teacher');
      expect(await audit('report')).toEqual([]);
    });

    it('sets the lists of teacher and student side by side, by titles, and the arrows go on', async () => {
      const { open, says, page, send, model } = bench();
      const { examples } = await send('GET', `/models/${model}/versions/1/report`);
      await open(`#/report/${model}/1`);
      await says("Teacher's list");
      await says(/Harbour \d+|Mountain \d+/);
      const lists = () =>
        page.$$eval('.lists > div', (columns) =>
          columns.map((column) => [...column.querySelectorAll('li')].map((line) => line.className)),
        );
      for (const place of [0, 1]) {
        const { teacher, student, gained, lost } = examples[place];
        const [, first, second] = await lists();
        expect([first!.length, second!.length]).toEqual([teacher.length, student.length]);
        expect(first!.filter((mark) => mark === 'lost')).toHaveLength(lost.length);
        expect(second!.filter((mark) => mark === 'gained')).toHaveLength(gained.length);
        await page.focus('.users button[aria-pressed="true"]');
        await page.keyboard.press('ArrowRight');
      }
    });

    it('breaks an id of hundreds of letters', async () => {
      const { open, says, page, send, model, audit } = bench();
      const id = 'x'.repeat(240);
      const report = await send('GET', `/models/${model}/versions/1/report`);
      const [example] = report.examples;
      const lists = { history: [id], teacher: [id], student: [id, ...example.student.slice(1)] };
      const body = JSON.stringify({ ...report, examples: [{ ...example, ...lists }] });
      const answer = (request: HTTPRequest) =>
        request.url().endsWith('/versions/1/report')
          ? request.respond({ contentType: 'application/json', body })
          : request.continue();
      await page.setRequestInterception(true);
      page.on('request', answer);
      try {
        await open(`#/report/${model}/1`);
        await says(id);
        expect(await audit('report-long-id')).toEqual([]);
        await open(`#/try/${model}?item=${id}`);
        await says(id);
        expect(await audit('try-long-id')).toEqual([]);
      } finally {
        page.off('request', answer);
        await page.setRequestInterception(false);
      }
    });

    it('shows another metric, which the address keeps', async () => {
      const { open, says, choose, page, model } = bench();
      await open(`#/report/${model}/1`);
      await says('Verdict');
      await choose('Metric', 'recall@10');
      await says('By Recall@10');
      expect(await page.evaluate(() => location.hash)).toContain('metric=recall%4010');
    });

    it('finds the report of a job, and says why an import has none', async () => {
      const { open, says, jobs, send } = bench();
      await open(`#/report?job=${jobs[0]}`);
      await says(`Report of job ${jobs[0]}`);
      const { id } = await send(
        'POST',
        '/imports?kind=interactions&format=csv',
        'userId,itemId\n',
        'text/csv',
      );
      await open(`#/report?job=${id}`);
      await says('it makes no model and has no report');
    });

    it('says that there is no such version', async () => {
      const { open, says, faults, model } = bench();
      faults.allow(/404/);
      await open(`#/report/${model}/99`);
      await says('has no version 99');
    });
  },
};
