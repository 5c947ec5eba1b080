import type { ViteUserConfig } from 'vitest/config';
import config from '../vitest.config.ts';

/** Configuration of the tests that StrykerJS runs: those that scripts/mutate.mjs names. */
const forMutants: ViteUserConfig = {
  ...config,
  plugins: [
    {
      name: 'forks-only',
      // Stryker's runner asks for threads, in which TensorFlow's addon corrupts memory.
      configureVitest({ project }) {
        project.config.pool = 'forks';
      },
    },
  ],
  test: { ...config.test, include: process.env.MUTANTS_TESTS?.split(' ') },
};

export default forMutants;
