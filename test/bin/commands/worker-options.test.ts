import { expect, it } from 'vitest';
import { workerSettings } from '../../../src/bin/commands/worker-options.ts';
import { readConfig } from '../../../src/core/config.ts';
import { lanesOf } from '../../../src/domain/jobs/lane.ts';

it.each([
  [[], {}],
  [['--queues', 'training'], { WORKER_QUEUES: 'training' }],
  [
    ['--queues=training,imports', '--concurrency=3'],
    { WORKER_QUEUES: 'training,imports', WORKER_CONCURRENCY: '3' },
  ],
  [
    ['--concurrency', '4', '--queues', 'imports, maintenance'],
    { WORKER_QUEUES: 'imports, maintenance', IMPORT_CONCURRENCY: '4' },
  ],
])('%j are settings', (args, settings) => {
  expect(workerSettings(args)).toEqual(settings);
});

it.each([
  [['--lanes', 'training'], /takes --queues .* and --concurrency N; Unknown option '--lanes'/],
  [['training'], /takes --queues/],
  [['--queues'], /takes --queues/],
  [['--queues='], /a value is missing/],
])('%j is refused', (args, message) => {
  expect(() => workerSettings(args)).toThrow(message);
});

it('reads lanes, and says which there are', () => {
  expect(lanesOf(readConfig({}).workerQueues)).toEqual(['imports', 'training', 'maintenance']);
  expect(lanesOf(readConfig({ WORKER_QUEUES: 'training , imports' }).workerQueues)).toEqual([
    'imports',
    'training',
  ]);
  for (const wrong of ['train', 'imports,', 'imports training', ',']) {
    expect(() => readConfig({ WORKER_QUEUES: wrong })).toThrow(
      'WORKER_QUEUES must be one or more of imports, training, maintenance, comma-separated',
    );
  }
});
