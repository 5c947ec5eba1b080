import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRng } from '../../src/core/rng.ts';
import { distill } from '../../src/distillation/distill.ts';
import { auxiliaryParameters } from '../../src/distillation/losses/registry.ts';
import type { LossSettings } from '../../src/domain/losses/loss-spec.ts';
import { createFoldInStudent } from '../../src/student/fold-in.ts';
import { randomStart } from '../../src/student/start.ts';
import type { Teacher } from '../../src/teacher/contract.ts';
import type { Engine } from '../../src/tensor/engine.ts';
import type { TrainingState } from '../../src/tensor/train/fit.ts';
import { askTeacher } from '../../src/training/tasks/ranking/ask-teacher.ts';
import { blockTeacher, contextOf, plain, train } from '../distillation/setup.ts';
import { blocks, ITEMS, WITHHELD } from '../helpers/data.ts';
import { expectNoLeak, testEngine } from '../helpers/engine.ts';
import { rowsOf, without } from '../helpers/scores.ts';

export interface LossUnderTest {
  name: string;
  /** The loss itself first; a loss on hidden layers needs another one beside it. */
  losses: LossSettings[];
}

const EPOCHS = 12;
const { withheld } = blocks();

/** What every loss promises, from the teacher's lists to the last step. */
export function describeLoss({ name, losses }: LossUnderTest): void {
  let engine: Engine;
  let teacher: Teacher;
  beforeAll(async () => {
    engine = await testEngine();
    teacher = await blockTeacher(engine);
  });
  afterAll(() => teacher.dispose());

  async function run(
    resume?: { resumeFrom?: TrainingState; onCheckpoint?(state: TrainingState): void },
    epochs = EPOCHS,
  ) {
    const context = contextOf(engine, { resume });
    const settings = { losses, epochs, batchSize: 8, dropout: 0.1, roundedEpochs: 3 };
    const { source, widths } = await askTeacher(teacher, settings, context, train);
    const auxiliary = auxiliaryParameters(losses, 6, widths, createRng(4));
    const start = randomStart(ITEMS, plain(6), createRng(3));
    const optimizer = { kind: 'adamw', learningRate: 0.03 } as const;
    const student = createFoldInStudent(engine, ITEMS, plain(6), start, optimizer, auxiliary);
    const before = recall(student.scores);
    const fit = await distill(student, source, settings, context);
    const after = recall(student.scores);
    const values = student.parameters.readAll();
    student.parameters.dispose();
    return { fit, before, after, values };
  }

  describe(`the loss ${name}`, () => {
    it('falls, under its name, and finds what the users have not seen', async () => {
      const { fit, before, after } = await run();
      const kinds = losses.map((loss) => loss.kind);
      expect(Object.keys(fit.history[0]!.losses).sort()).toEqual([...kinds, 'total'].sort());
      const of = (epoch: number) => fit.history.at(epoch)!.losses[kinds[0]!]!;
      expect(of(-1)).toBeLessThan(of(0));
      expect(of(-1)).toBeGreaterThanOrEqual(-1e-4);
      expect(after).toBeGreaterThan(before + 0.3);
    });

    it('is the same to the last bit for the same seed, and after a break in the middle', async () => {
      let half: TrainingState | undefined;
      const onCheckpoint = (state: TrainingState) => {
        if (state.epoch === 2) half = structuredClone(state);
      };
      const whole = await run({ onCheckpoint }, 4);
      const resumed = await run({ resumeFrom: half }, 4);
      if (engine.report.deterministic) expect(resumed.values).toEqual(whole.values);
    });

    it('leaves no tensor behind', () => expectNoLeak(() => run(undefined, 2)));
  });
}

/** Share of the withheld items among as many first unseen ones. */
function recall(scores: (histories: typeof train) => Float32Array): number {
  let hits = 0;
  rowsOf(scores(train), train.rows).forEach((row, user) => {
    const masked = without(row, train, user);
    const first = Array.from(masked.keys())
      .sort((a, b) => masked[b]! - masked[a]!)
      .slice(0, WITHHELD);
    const wanted = new Set(withheld.indices.subarray(withheld.indptr[user]!, withheld.indptr[user + 1]!));
    hits += first.filter((item) => wanted.has(item)).length;
  });
  return hits / withheld.indices.length;
}
