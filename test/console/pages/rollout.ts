import { expect, it } from 'vitest';
import type { Suite } from '../bench.ts';

/** Who is served by what, and how that is changed. */
export const rollout: Suite = {
  page: 'rollout',
  tests(bench) {
    it('promotes a version, whose history says so, and rolls back with a reason', async () => {
      const { open, says, click, type, send, model, audit } = bench();
      await open(`#/rollout/${model}?version=2`);
      await says('The gate');
      await says('This model is not watched');
      expect(await audit('rollout')).toEqual([]);
      await click('Promote version 2 to stable');
      await says(`Point stable of ${model} at version 2`);
      await type('Reason', 'the wider one is to be seen');
      expect(await audit('promote')).toEqual([]);
      await click('Promote');
      await says('the wider one is to be seen');
      expect((await send('GET', `/models/${model}/aliases/stable`)).version).toBe(2);

      await click('Roll back stable');
      await says('It goes back to version 1, the one that it had before');
      await type('Reason', 'it was only a look');
      await click('Roll back');
      await says('rolled back');
      expect((await send('GET', `/models/${model}/aliases/stable`)).version).toBe(1);
    });

    it('explains that somebody else has moved the alias meanwhile, and changes nothing', async () => {
      const { open, says, click, type, send, model, faults, text } = bench();
      await open(`#/rollout/${model}?version=2`);
      await click('Promote version 2 to stable');
      await says('It points at version 1 now');
      // Somebody sets it anew to the same version: what was read is stale all the same.
      const reason = 'somebody else was faster';
      await send('PUT', `/models/${model}/aliases/stable`, { version: 1, reason });
      faults.allow(/412/);
      await type('Reason', 'too late');
      await click('Promote');
      await says('Somebody has moved stable since this page read it');
      expect((await send('GET', `/models/${model}/aliases/stable`)).version).toBe(1);
      await click('Cancel');
      await says(reason);
      expect(await text()).not.toContain('Somebody has moved');
    });

    it('shares the traffic, shows what users do, and gives all back', async () => {
      const { open, says, click, choose, type, send, model, user, audit, page } = bench();
      await open(`#/rollout/${model}`);
      await click('Share the traffic');
      await choose('Version beside stable', '2');
      await choose('Judged by', 'click-through');
      await type('Its share of the users, per cent', '30');
      await type('Reason', 'a trial of the console');
      await click('Set the traffic');
      await says('30 %');
      await says('Experiment default');
      expect((await send('GET', `/models/${model}/traffic`)).shares).toEqual({ 2: 30, stable: 70 });

      for (let i = 0; i < 5; i++)
        await send('GET', `/recommend/${encodeURIComponent(user.id)}?model=${model}&k=3`);
      await says('fewer than 200 users');
      expect(await audit('traffic')).toEqual([]);
      await click('Give all back to stable');
      await click('End the traffic');
      await page.waitForFunction(() => !document.body.textContent!.includes('Give all back'));
      await says('100 %');
    });

    it('watches a model for drift, and checks it now', async () => {
      const { open, says, click, type, send, model } = bench();
      await open(`#/rollout/${model}`);
      await click('Watch this model');
      await type("Least share of the teacher's NDCG@10", '0.8');
      await click('Watch');
      await says('ndcgRetained 0.8');
      await click('Check now');
      await says('within its limits');
      const { settings } = await send('GET', `/models/${model}/drift`);
      expect(settings).toMatchObject({ cron: '0 5 * * *', limits: { ndcgRetained: 0.8 }, retrain: false });
      await click('Change');
      await says('From 0 to 1; empty for no limit');
      await type('When, as a cron expression', 'never');
      bench().faults.allow(/4\d\d/);
      await click('Watch');
      await says(/cron/);
      await click('Cancel');
      await send('DELETE', `/models/${model}/drift`);
    });
  },
};
