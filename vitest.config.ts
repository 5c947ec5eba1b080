import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // TensorFlow's addon corrupts memory in worker threads, so every test file gets a process.
    pool: 'forks',
    // Many tests wait for Redis or a server, but training uses all cores by itself: few files at a time.
    maxWorkers: Math.min(4, availableParallelism()),
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
