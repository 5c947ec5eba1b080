import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // TensorFlow's addon corrupts memory in worker threads, so every test file gets a process.
    pool: 'forks',
    // Training uses all cores by itself; more processes would only make each test slower.
    maxWorkers: Math.max(1, Math.min(4, Math.floor(availableParallelism() / 2))),
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
