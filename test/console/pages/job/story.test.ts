import { describe, expect, it } from 'vitest';
import { bestOf, drawable, lossLines, metricLines } from '../../../../src/console/pages/job/curve-charts.ts';
import { stagesOf } from '../../../../src/console/pages/job/stages.ts';
import { addEvent, newStory } from '../../../../src/console/pages/job/story.ts';
import type { JobEvent, JobProgress } from '../../../../src/domain/jobs/job.ts';

const PLANNED = [
  { stage: 'data', seconds: 2 },
  { stage: 'teacher', seconds: 10 },
  { stage: 'publishing', seconds: 1 },
];
const second = (at: number) => at * 1000;

function storyOf(...events: [at: number, type: JobEvent['type'], data: Record<string, unknown>][]) {
  const story = newStory();
  for (const [i, [at, type, data]] of events.entries())
    addEvent(story, { seq: i + 1, at: new Date(second(at)).toISOString(), type, data });
  return story;
}

const progress = (stage: string, more: Partial<JobProgress> = {}) => ({ stage, fraction: 0.5, ...more });
const epoch = (stage: string, number: number, loss: number, metric: number) =>
  progress(stage, {
    ...{ epoch: number, epochs: 4, epochEnd: true, losses: { bpr: loss, total: loss }, rssMiB: 400 },
    metrics: { 'ndcg@10': metric },
  });

describe('stages of a job', () => {
  it('fill one after the other, and a stage that was not planned takes its place', () => {
    const story = storyOf(
      [0, 'state', { state: 'queued' }],
      [1, 'state', { state: 'running' }],
      [2, 'progress', progress('data')],
      [5, 'progress', progress('extra')],
      [6, 'progress', progress('teacher', { epoch: 1, epochs: 4 })],
    );
    expect(stagesOf(story, { state: 'running', planned: PLANNED, now: second(9) })).toEqual([
      { name: 'data', state: 'done', filled: 1, seconds: 3, expected: 2 },
      { name: 'extra', state: 'done', filled: 1, seconds: 1, expected: null },
      { name: 'teacher', state: 'running', filled: 0.25, seconds: 3, expected: 10 },
      { name: 'publishing', state: 'waiting', filled: 0, seconds: null, expected: 1 },
    ]);
  });

  it('are as far as their models and epochs, or as their time where there are none', () => {
    const filled = (more: Partial<JobProgress>) => {
      const story = storyOf([0, 'progress', progress('teacher', more)]);
      return stagesOf(story, { state: 'running', planned: PLANNED, now: second(5) })[1]!.filled;
    };
    expect(filled({ model: '2 of 4', epoch: 1, epochs: 2 })).toBe(0.375);
    expect(filled({})).toBe(0.5);
  });

  it('are over where a later one runs, also those that said nothing', () => {
    const story = storyOf([0, 'progress', progress('publishing')]);
    const stages = (state: 'running' | 'succeeded') =>
      stagesOf(story, { state, planned: PLANNED, now: second(1) }).map((one) => [one.state, one.seconds]);
    expect(stages('running')).toEqual([
      ['done', null],
      ['done', null],
      ['running', 1],
    ]);
    const silent = stagesOf(newStory(), { state: 'succeeded', planned: PLANNED, now: 0 });
    expect(new Set(silent.map(({ state }) => state))).toEqual(new Set(['done']));
  });

  it('stop where a job failed, and begin anew with another attempt', () => {
    const failed = storyOf(
      [0, 'state', { state: 'running' }],
      [1, 'progress', progress('data')],
      [3, 'state', { state: 'failed' }],
    );
    expect(stagesOf(failed, { state: 'failed', planned: [], now: second(99) })).toMatchObject([
      { name: 'data', state: 'stopped', seconds: 2 },
    ]);
    const again = storyOf(
      [0, 'state', { state: 'running' }],
      [1, 'progress', epoch('teacher', 1, 3, 0.1)],
      [2, 'state', { state: 'running' }],
    );
    expect([again.attempts, again.begun.size, again.curves.size]).toEqual([2, 0, 1]);
  });
});

describe('curves of a job', () => {
  const story = storyOf(
    [1, 'progress', epoch('teacher', 2, 2, 0.3)],
    [2, 'progress', epoch('teacher', 1, 3, 0.1)],
    [3, 'progress', epoch('teacher', 3, 1, 0.2)],
    [4, 'progress', { ...progress('teacher'), losses: { bpr: 9 } }],
    [5, 'warning', { message: 'small' }],
  );
  const [curve] = drawable(story.curves.values());

  it('are by epoch, and leave out a total that says the same', () => {
    expect(lossLines(curve!)).toEqual({ epochs: [1, 2, 3], lines: [{ name: 'bpr', values: [3, 2, 1] }] });
    expect(metricLines(curve!).lines).toEqual([{ name: 'ndcg@10', values: [0.1, 0.3, 0.2] }]);
    expect(bestOf(curve!)).toEqual({ name: 'ndcg@10', value: 0.3, epoch: 2 });
  });

  it('come from the ends of epochs alone; warnings and memory are kept beside them', () => {
    expect(story.curves.size).toBe(1);
    expect(story.warnings).toEqual(['small']);
    expect(story.memory).toEqual([
      [1, 400],
      [2, 400],
      [3, 400],
    ]);
  });

  it('do not change when an event comes twice', () => {
    const event = { seq: 1, at: new Date(0).toISOString(), type: 'warning', data: { message: 'x' } } as const;
    addEvent(story, event);
    expect(story.warnings).toEqual(['small']);
  });

  it('are not drawn of one epoch', () => {
    expect(drawable(storyOf([1, 'progress', epoch('teacher', 1, 3, 0.1)]).curves.values())).toEqual([]);
  });
});
