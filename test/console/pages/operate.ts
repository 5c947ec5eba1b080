import { expect, it } from 'vitest';
import { eventually } from '../../helpers/eventually.ts';
import { type ConsoleBench, KEY, type Suite } from '../bench.ts';

export const operate: Suite = {
  page: 'operate',
  tests(bench) {
    it('says in sentences how all is', async () => {
      const { open, says, audit, model } = bench();
      await open('#/operate');
      await says(`This api serves ${model} version 1`);
      await says('It takes jobs.');
      await says('1 worker, room for');
      await says('No job waits for a worker.');
      expect(await audit('operate-health')).toEqual([]);
    });

    it('names workers with what they found', async () => {
      const { open, says, send, audit } = bench();
      const { data } = await send('GET', '/workers');
      await open('#/operate/workers');
      await says(data[0].id);
      await says(data[0].trainer.backend);
      await says('idle');
      expect(await audit('operate-workers')).toEqual([]);
    });

    it('pauses, resumes and deletes a schedule', async () => {
      const { open, says, click, send, audit, model } = bench();
      const { id } = await send('POST', '/schedules', {
        name: 'every night',
        cron: '0 3 * * *',
        job: { model },
      });
      await open('#/operate/schedules');
      await says('every night');
      await click('Pause every night');
      await says('paused');
      expect((await send('GET', `/schedules/${id}`)).paused).toBe(true);
      await click('Resume every night');
      await says(/in \d+ (h|min)/);
      expect(await audit('operate-schedules')).toEqual([]);
      await click('Delete every night');
      await says('It starts nothing any more.');
      await confirm(bench(), 'Delete');
      await says('No job starts by itself');
      expect((await send('GET', '/schedules')).data).toEqual([]);
    });

    it('adds a rule and deletes it, and says what is wrong with one', async () => {
      const { open, says, click, type, choose, faults, send, audit } = bench();
      await open('#/operate/rules');
      await says('models alone decide');
      faults.allow(/400/);
      await choose('Action', 'boost');
      await type('Categories', 'Sea');
      await click('Add');
      await says('factor');
      await type('Factor', '2');
      await click('Add');
      await says('2 times as probable');
      expect((await send('GET', '/rules')).data).toMatchObject([
        { action: 'boost', categories: ['Sea'], factor: 2 },
      ]);
      expect(await audit('operate-rules')).toEqual([]);
      await click('Delete the rule boost Sea');
      await says('Delete the rule?');
      await confirm(bench(), 'Delete');
      await says('models alone decide');
      expect((await send('GET', '/rules')).data).toEqual([]);
    });

    it('makes a key, shows it once, gives it a new secret, deletes it', async () => {
      const { open, says, click, type, text, send, audit } = bench();
      await open('#/operate/keys');
      await says('API_KEYS entry 1');
      await type('Name', 'web shop');
      await click('recommend answers for visitors; fit for a browser');
      await click('Make the key');
      await says('The key of web shop');
      const first = /sh_\S+/.exec(await text())?.[0] ?? '';
      expect(await audit('operate-keys')).toEqual([]);
      expect(await statusWith(bench(), first)).toBe(200);
      await click('I have kept it');
      expect(await text()).not.toContain(first);
      await click('New secret of web shop');
      await says('in which its holders change over');
      await confirm(bench(), 'Give a new secret');
      await says('The key of web shop');
      expect(/sh_\S+/.exec(await text())?.[0]).not.toBe(first);
      await click('Delete web shop');
      await says('Whoever uses it is locked out');
      await confirm(bench(), 'Delete');
      await says(/^(?![\s\S]*New secret\b)/);
      expect((await send('GET', '/keys')).data).toHaveLength(1);
      expect(await statusWith(bench(), first)).toBe(401);
    });

    it('shows the audit, page by page and by its filters', async () => {
      const { open, says, choose, text, audit, go, send } = bench();
      // Entries are written a moment after what they tell, and the page does not ask again.
      await eventually('the deletion of the key is in the audit', async () =>
        JSON.stringify(await send('GET', '/audit')).includes('DELETE /keys/:id'),
      );
      await open('#/operate/audit');
      await says('DELETE /keys/:id');
      expect(await audit('operate-audit')).toEqual([]);
      await choose('Outcome', 'refused');
      await says(/^(?![\s\S]*DELETE \/keys)/);
      await go('#/operate/audit?target=every');
      await says('Nothing fits');
      expect(await text()).not.toContain('POST /rules');
    });

    it('shows settings without secrets, and finds one', async () => {
      const { open, says, type, text, audit } = bench();
      await open('#/operate/settings');
      await says('API_KEYS');
      expect(await text()).toContain('a secret');
      expect(await text()).not.toContain(KEY);
      await says('DATA_DIR');
      expect(await audit('operate-settings')).toEqual([]);
      await type('Search', 'half_life');
      await says(/^(?![\s\S]*DATA_DIR)/);
      await says('POPULARITY_HALF_LIFE_DAYS');
    });

    it('says what a key may not see, in the words of the api', async () => {
      const { open, says, faults, send } = bench();
      const reader = await send('POST', '/keys', { name: 'reader', scopes: ['read'] });
      faults.allow(/403/);
      await open('#/operate/keys', { key: reader.key });
      await says('needs a key with the scope admin; yours has read');
      await send('DELETE', `/keys/${reader.id}`);
    });
  },
};

/** Clicks the button of the dialog that is open. */
async function confirm({ page }: ConsoleBench, verb: string): Promise<void> {
  await (await page.waitForSelector(`dialog[open] ::-p-aria([name="${verb}"][role="button"])`))!.click();
}

async function statusWith({ service }: ConsoleBench, key: string): Promise<number> {
  const headers = { authorization: `Bearer ${key}` };
  return (await fetch(`${service.url}/recommend/somebody`, { headers })).status;
}
