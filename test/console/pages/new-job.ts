import { expect, it } from 'vitest';
import type { Suite } from '../bench.ts';
import { specOf } from '../fill-service.ts';

/** Name of a model that the form makes, and that is deleted in the end. */
const MADE = 'made-by-the-form';

export const newJob: Suite = {
  page: 'new-job',
  tests(bench) {
    it('shows defaults with their reasons and a plan with time and memory, and can be copied as curl', async () => {
      const { open, says, text, page, model, audit } = bench();
      await open('#/new-job');
      await says(/about [\d.]+ (s|min)/);
      await says(/MiB/);
      await says('Pairs that count');
      expect(await page.$eval('[data-field="model"]', (field) => (field as HTMLInputElement).value)).toBe(
        model,
      );
      expect(await page.$eval('[data-field="teacher"]', (field) => field.textContent)).toContain(
        'left open: auto',
      );
      await says('by validation');
      expect(await text()).toContain(`-d '{"model":"${model}"}'`);
      expect(await text()).toContain('$STILLHOUSE_KEY');
      for (const title of ['Distillation', 'Evaluation', 'Publishing and the gate']) await open_(title);
      await says('A tenth of the test users');
      expect(await audit('new-job')).toEqual([]);

      async function open_(title: string) {
        await page.evaluate((name) => {
          const all = [...document.querySelectorAll('summary')];
          all.find((one) => one.textContent!.trim().startsWith(name))!.click();
        }, title);
      }
    });

    it('puts what its schema does not allow at the field, and does not start it', async () => {
      const { open, says, type, page, faults, audit } = bench();
      await open('#/new-job');
      await says(/about [\d.]+ (s|min)/);
      faults.allow(/400/);
      await type('model needed', 'No Model');
      await says('model must be a name of 1-64 small letters');
      const described = await page.$eval('[data-field="model"]', (field) => [
        field.getAttribute('aria-invalid'),
        document.getElementById(field.getAttribute('aria-describedby')!.split(' ').at(-1)!)!.textContent,
      ]);
      expect(described).toEqual(['true', expect.stringMatching(/^model must be a name/)]);
      expect(await isDisabled()).toBe(true);
      expect(await audit('new-job-problem')).toEqual([]);

      async function isDisabled() {
        return page.$eval('.start button', (button) => (button as HTMLButtonElement).disabled);
      }
    });

    it('says what contradicts itself before anything starts', async () => {
      const { open, says, page, model } = bench();
      await open('#/new-job');
      await says(/about [\d.]+ (s|min)/);
      await page.select('[data-field="student"]', 'sequential');
      await putJson({ model, distillation: { losses: [{ kind: 'softLabels', weight: 0 }] } });
      await says('distillation.losses must have a weight > 0');
      await says('It would be refused');
      // The section with the problem has opened by itself, and what was chosen before is gone with the text.
      expect(await page.$eval('[data-field="student"]', (field) => (field as HTMLSelectElement).value)).toBe(
        '',
      );
      await page.waitForSelector('[data-field="distillation.losses[0]"]');
      await putJson({ model });
      await page.waitForSelector('.start button:not([disabled])');

      async function putJson(body: unknown) {
        await page.$eval(
          'textarea.json',
          (field, text) => {
            (field as HTMLTextAreaElement).value = text;
            field.dispatchEvent(new Event('change', { bubbles: true }));
          },
          JSON.stringify(body),
        );
      }
    });

    it('starts the job, whose page fills live, to the link to its report', async () => {
      const { open, says, type, click, page, send, text, jobs } = bench();
      await open(`#/new-job?from=${jobs[0]}`);
      // Another like it: what that one was asked is here.
      await says('"dimensions":8');
      await type('model needed', MADE);
      await page.waitForSelector('.start button:not([disabled])');
      const seen = new Set<string>();
      await page.exposeFunction('sawStage', (name: string) => seen.add(name));
      await page.evaluate(() => {
        const { sawStage } = window as unknown as { sawStage: (name: string) => void };
        new MutationObserver(() => {
          const name = document.querySelector('.flow .running .flow-name')?.textContent;
          if (name) sawStage(name);
        }).observe(document.body, { subtree: true, childList: true, attributes: true });
      });
      await click('Start the job');
      await says(/succeeded/);
      await says(`Version 1 of ${MADE}`);
      await says('Losses and validation by epoch');
      expect(await text()).toContain('12 of 12 epochs');
      // At least one stage was seen while it ran, without the page being loaded again.
      expect(seen.size).toBeGreaterThan(0);
      const link = await page.$eval('::-p-aria([name="Open the report"])', (one) => one.getAttribute('href'));
      expect(link).toBe(`#/report/${MADE}/1`);
      const { data } = await send('GET', `/jobs?model=${MADE}`);
      expect(data[0].spec).toMatchObject({ ...specOf(8, 'stable'), model: MADE });
      for (const alias of ['candidate', 'stable']) await send('DELETE', `/models/${MADE}/aliases/${alias}`);
      await send('DELETE', `/models/${MADE}`);
    });
  },
};
