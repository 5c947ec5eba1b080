import { expect, it } from 'vitest';
import { createStageClock } from '../../../src/worker/queue/stage-clock.ts';

it('adds up what was spent in each stage, one that comes again too', () => {
  let now = 0;
  const clock = createStageClock(() => now);
  now = 500;
  clock.enter('data');
  now = 700;
  clock.enter('teacher');
  clock.enter('teacher');
  now = 1700;
  clock.enter('data');
  now = 1750;
  expect(clock.read()).toEqual({ data: 250, teacher: 1000 });
  now = 1800;
  expect(clock.read()).toEqual({ data: 300, teacher: 1000 });
});

it('knows nothing before the first stage', () => {
  expect(createStageClock().read()).toEqual({});
});
