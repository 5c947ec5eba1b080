import { expect, it } from 'vitest';
import type { Suite } from '../bench.ts';

export const overview: Suite = {
  page: 'overview',
  tests(bench) {
    it('looks well', async () => {
      const { open, says, audit } = bench();
      await open('');
      await says('Overview');
      expect(await audit('overview')).toEqual([]);
    });
  },
};
