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
  // A change that works while a module is loaded is only seen where every file loads it: no project with shared processes.
  test: { ...config.test, projects: undefined, include: process.env.MUTANTS_TESTS?.split(' ') },
};

export default forMutants;
