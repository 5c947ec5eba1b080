import { expect, it } from 'vitest';
import { eventually } from '../../helpers/eventually.ts';
import type { Suite } from '../bench.ts';
import { specOf } from '../fill-service.ts';

export const jobs: Suite = {
  page: 'jobs',
  tests(bench) {
    it('lists jobs by state and model, and opens one by the keyboard', async () => {
      const { open, says, choose, text, page, model, jobs: trained, audit } = bench();
      await open('#/jobs');
      await says('version 1');
      expect(await audit('jobs')).toEqual([]);
      await choose('State', 'failed');
      await says('No job is like this');
      await choose('State', 'succeeded');
      await choose('Type', 'distillation');
      await choose('Model', model);
      await says('version 2');
      expect(await text()).not.toContain('Import of');
      expect(await page.evaluate(() => location.hash)).toContain('state=succeeded');
      const row = await page.waitForSelector(`tr[data-href="#/jobs/${trained[0]}"]`);
      await row!.focus();
      await page.keyboard.press('Enter');
      await says(trained[0]);
    });

    it('shows of a job that has ended its stages, curves, settings and log, as often as it is loaded', async () => {
      const { open, says, click, page, model, jobs: trained, audit } = bench();
      await open(`#/jobs/${trained[0]}`);
      await says('Losses and validation by epoch');
      await says(`Version 1 of ${model}`);
      await page.waitForSelector('.flow li.done');
      const states = await page.$$eval('.flow li', (all) => all.map((one) => one.className));
      expect(states.length).toBeGreaterThan(4);
      expect(new Set(states)).toEqual(new Set(['done']));
      const curve = await page.$eval('.chart[aria-label^="Losses of Distil"]', (one) =>
        one.getAttribute('aria-label'),
      );
      expect(curve).toMatch(/last values: \w+ \d/);
      const row = await page.$$eval('.spec tr', (all) =>
        all.map((one) => one.textContent!).find((text) => text.startsWith('student.dimensions')),
      );
      expect(row).toBe('student.dimensions88');
      await click('Log');
      await says('tensor backend ready');
      expect(await audit('job')).toEqual([]);
    });

    it('says what is not there', async () => {
      const { open, says, faults } = bench();
      faults.allow(/404/);
      await open('#/jobs/job_none');
      await says('There is no job "job_none"');
    });

    it('follows a job live, cancels it after a question, and runs it again', async () => {
      const { open, says, click, page, send, audit } = bench();
      const long = { ...specOf(8, 'never'), distillation: { epochs: 1000, batchSize: 8, seed: 7 } };
      const { id } = await send('POST', '/jobs', long);
      await open(`#/jobs/${id}`);
      await page.waitForSelector('.flow li.running');
      const epochs = () =>
        page.evaluate(() => /(\d+) of 1,000 epochs/.exec(document.body.textContent!)?.[1] ?? '0');
      await eventually('epochs come', async () => Number(await epochs()) > 1, 90_000);
      const before = Number(await epochs());
      await eventually(
        'further epochs come by themselves',
        async () => Number(await epochs()) > before,
        90_000,
      );
      await says('time left');
      expect(await audit('job-live')).toEqual([]);
      await click('Cancel the job');
      await says('Its checkpoints stay');
      await page.keyboard.press('Escape');
      expect(['queued', 'running']).toContain((await send('GET', `/jobs/${id}`)).state);
      await click('Cancel the job');
      await page.locator('dialog[open] button[type="submit"]').click();
      await says(/cancelled/);
      await click('Run again');
      await page.locator('dialog[open] button[type="submit"]').click();
      await says('again after an earlier one');
      const again = await page.evaluate(() => location.hash.split('/').at(-1)!);
      expect(again).not.toBe(id);
      await send('POST', `/jobs/${again}/cancel`);
      await says(/cancelled/);
    });
  },
};
