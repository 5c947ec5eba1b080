import { beforeAll, describe, expect, it } from 'vitest';
import { createRng } from '../../../../src/core/rng.ts';
import { completeDistillation } from '../../../../src/domain/jobs/complete-distillation.ts';
import type { Engine } from '../../../../src/tensor/engine.ts';
import { planTraining } from '../../../../src/training/tasks/ranking/plan.ts';
import { trainControls } from '../../../../src/training/tasks/ranking/train-controls.ts';
import { trainAlone } from '../../../../src/training/tasks/ranking/train-student.ts';
import { csrOf } from '../../../helpers/data.ts';
import { testEngine } from '../../../helpers/engine.ts';

const ITEMS = 12;
const draws = createRng(5);
const drawn = () =>
  csrOf(
    Array.from({ length: 40 }, (_, user) =>
      Array.from({ length: ITEMS }, (_, item) => Number(draws.next() < (item % 3 === user % 3 ? 0.8 : 0.05))),
    ),
  );
const [train, learned] = [drawn(), drawn()];
const settings = planTraining(
  completeDistillation({
    model: 'm',
    teacher: { kind: 'ease' },
    student: { kind: 'fold-in', dimensions: 4, user: 'solved' },
  }),
  { users: 40, items: ITEMS },
);

let engine: Engine;
beforeAll(async () => {
  engine = await testEngine();
});

const contextOf = () => ({
  ...{ engine, rng: createRng(1), onProgress() {}, signal: new AbortController().signal },
});

/** Validation that gives these figures one after the other, the first of the start, and tells how many it gave. */
function told(figures: number[]) {
  let asked = 0;
  const metric = async () => figures[Math.min(asked++, figures.length - 1)]!;
  return { validation: { metric, every: 1, patience: 10 } as never, asked: () => asked };
}

describe('the control of a student whose users are solved', () => {
  it('stays at its start where no epoch was better, and has lost patience after three', async () => {
    const { validation, asked } = told([0.5, 0.4, 0.3, 0.3, 0.2]);
    const only = { ...contextOf(), train, validation };
    const { alone, dispose } = await trainControls(settings, only, learned);
    expect(alone.fit.epochs).toBe(4);
    expect(asked()).toBeGreaterThanOrEqual(5);
    const start = await trainAlone(
      { ...settings, alone: { ...settings.alone, epochs: 0, roundedEpochs: 0 } },
      { ...contextOf(), train: learned },
    );
    expect(alone.scores(train)).toEqual(start.scores(train));
    start.dispose();
    dispose();
  });

  it('goes on for as many epochs as were better', async () => {
    const { validation } = told([0.1, 0.2, 0.3, 0.2]);
    const { alone, dispose } = await trainControls(settings, { ...contextOf(), train, validation }, learned);
    expect(alone.fit.bestEpoch).toBe(2);
    const start = await trainAlone(
      { ...settings, alone: { ...settings.alone, epochs: 0, roundedEpochs: 0 } },
      { ...contextOf(), train: learned },
    );
    expect(alone.scores(train)).not.toEqual(start.scores(train));
    start.dispose();
    dispose();
  });
});
