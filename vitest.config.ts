import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const TESTS = ['test/**/*.test.ts'];

/** Files that cannot share a process with others. All others do: loading TensorFlow and the code takes seconds of each. */
const ALONE = [
  // They kill processes, or measure the whole of one.
  'test/integration/**/*.test.ts',
  'test/console/console.test.ts',
  'test/docs/curl.test.ts',
  'test/http/api-process.test.ts',
  'test/http/rolling-restart.test.ts',
  // A process has one backend of tfjs.
  'test/tensor/*.test.ts',
  'test/tensor/backend/**/*.test.ts',
  // It replaces a module that others have loaded.
  'test/worker/trainer/memory-limit.test.ts',
];

/** Folders with the longest files: begun last, one of them would run alone at the end. */
const LONGEST = /\/test\/(integration|training|teacher|console)\/|\/curl\.test\.ts$/;

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    // Those that share processes stand together: a process ends as soon as one that wants its own is next.
    const rank = ({ project, moduleId }: TestSpecification) =>
      2 * Number(!project.config.isolate) + Number(!LONGEST.test(moduleId));
    return sorted.sort((a, b) => rank(a) - rank(b));
  }
}

const project = {
  // TensorFlow's addon corrupts memory in worker threads, so tests run in processes.
  pool: 'forks',
  // A test that hangs is to fail, one on a busy machine is not.
  testTimeout: 180_000,
  hookTimeout: 180_000,
} as const;

export default defineConfig({
  test: {
    // Many tests wait for Redis or a server, but training uses all cores by itself: few files at a time.
    maxWorkers: Math.min(4, availableParallelism() + 1),
    sequence: { sequencer: LongestFirst },
    projects: [
      { test: { ...project, name: 'alone', include: ALONE } },
      { test: { ...project, name: 'shared', include: TESTS, exclude: ALONE, isolate: false } },
    ],
  },
});
