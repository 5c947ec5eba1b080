import { expect, it } from 'vitest';
import type { Suite } from '../bench.ts';

export const operate: Suite = {
  page: 'operate',
  tests(bench) {
    it('names who works', async () => {
      const { open, says, audit } = bench();
      await open('#/operate');
      await says('Workers');
      expect(await audit('operate')).toEqual([]);
    });
  },
};
