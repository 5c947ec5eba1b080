import { createRng } from '../../src/core/rng.ts';
import { createTeacherSource, type TeacherSource } from '../../src/distillation/lists/teacher-source.ts';
import { overlap } from '../../src/evaluation/agreement.ts';
import { topList } from '../../src/evaluation/top-list.ts';
import { createFoldInStudent, type FoldInStudent } from '../../src/student/fold-in.ts';
import type { StudentSettings } from '../../src/student/settings.ts';
import type { FoldInStart } from '../../src/student/start.ts';
import type { Teacher, TrainingContext } from '../../src/teacher/contract.ts';
import { trainSoftmaxTeacher } from '../../src/teacher/kinds/softmax.ts';
import type { Engine } from '../../src/tensor/engine.ts';
import { blocks, ITEMS } from '../helpers/data.ts';
import { readScores, rowsOf } from '../helpers/scores.ts';

export const { train } = blocks();

export function contextOf(engine: Engine, more: Partial<TrainingContext> = {}): TrainingContext {
  return {
    engine,
    rng: createRng(1),
    train,
    onProgress: () => {},
    signal: new AbortController().signal,
    ...more,
  };
}

export function blockTeacher(engine: Engine, hidden = [16]): Promise<Teacher> {
  const settings = { epochs: 20, batchSize: 8, learningRate: 0.02, dropout: 0.3, weightDecay: 0 };
  return trainSoftmaxTeacher({ kind: 'softmax', hidden, ...settings }, contextOf(engine));
}

export const plain = (dimensions: number): StudentSettings => ({
  kind: 'fold-in',
  dimensions,
  hidden: null,
  tied: false,
  itemBias: true,
  quantization: 'int8',
  normalization: 'l2',
  activation: 'identity',
  codes: 16,
  codeWidth: 2,
});

/** The teacher as losses on full scores ask it: no lists. */
export function sourceOf(engine: Engine, teacher: Teacher): TeacherSource {
  return createTeacherSource(teacher, {
    engine,
    train,
    dropout: 0.2,
    keepBytes: 0,
    outputs: [],
    sample: train,
  });
}

export function studentFrom(engine: Engine, start: FoldInStart, learningRate = 0.01): FoldInStudent {
  const dimensions = start.itemsIn.length / ITEMS;
  return createFoldInStudent(engine, ITEMS, plain(dimensions), start, { kind: 'adamw', learningRate });
}

/** How near the student is to the teacher, in the mean over the users. */
export function nearness(student: FoldInStudent, teacher: Teacher): { kl: number; overlap: number } {
  const own = rowsOf(student.scores(train), train.rows);
  const sum = { kl: 0, overlap: 0 };
  readScores(teacher, train).forEach((wanted, user) => {
    sum.kl += klDivergence(wanted, own[user]!) / train.rows;
    sum.overlap += overlap(topList(wanted, 8), topList(own[user]!, 8)) / train.rows;
  });
  return sum;
}

/** KL of the softmaxes in float64, in plain loops. */
function klDivergence(p: Float32Array, q: Float32Array): number {
  const logOf = (scores: Float32Array) => {
    const z = Math.log(scores.reduce((sum, score) => sum + Math.exp(score), 0));
    return Array.from(scores, (score) => score - z);
  };
  const logQ = logOf(q);
  return logOf(p).reduce((sum, logP, j) => sum + Math.exp(logP) * (logP - logQ[j]!), 0);
}
