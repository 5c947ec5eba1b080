import { loadStudent } from '../../../../src/artifact/student/load.ts';
import { columnSums } from '../../../../src/dataset/matrix.ts';
import { historyFor, knownFor, splitPairs } from '../../../../src/dataset/split/split.ts';
import { usuallyMeant } from '../../../../src/domain/data/weighting.ts';
import { completeDistillation } from '../../../../src/domain/jobs/complete-distillation.ts';
import type { TeacherSpec } from '../../../../src/domain/teachers/teacher-spec.ts';
import { evaluate } from '../../../../src/evaluation/evaluate.ts';
import { createStudentScorer } from '../../../../src/scoring/student-scorer.ts';
import { planMeanings } from '../../../../src/training/run/plan-job.ts';
import { studentRanker } from '../../../../src/training/tasks/ranking/rankers.ts';
import { readTrainingData } from '../../../../src/training/tasks/ranking/training-data.ts';
import { describeTask } from '../../../contract/task-suite.ts';
import { blockRows, ITEMS, type Row, sourceOf, USERS_PER_BLOCK } from '../../../helpers/data.ts';
import { storeOf } from '../../run-job.ts';

// So slow that every epoch is better than the one before: a refit has a share of them all.
const teacher: TeacherSpec = { kind: 'softmax', hidden: [16], epochs: 7, batchSize: 8, learningRate: 0.002 };

/** Three items that the users of the first block have had last, and nobody else. */
const newest = (): Row[] =>
  Array.from({ length: USERS_PER_BLOCK }, (_, i) => `user ${String(i).padStart(2, '0')}`).flatMap((user) =>
    ['new/a', 'new/b', 'new/c'].map((item) => ({ user, item, timestamp: Date.UTC(2027, 0, 1) })),
  );

const firstItems = () => Array.from({ length: ITEMS / 2 }, (_, i) => `item/${String(i).padStart(2, '0')}`);

describeTask({
  name: 'ranking',
  spec: {
    model: 'blocks',
    dataset: { split: { strategy: 'last-fraction', testFraction: 0.2, validationFraction: 0.1 } },
    teacher,
    student: { kind: 'fold-in', dimensions: 4 },
    distillation: { epochs: 7, batchSize: 8, seed: 7 },
    evaluation: { k: [3] },
  },
  store: () => storeOf(blockRows()),
  control: 'student-alone',
  resumed: ['teacher', 'distillation', 'student-alone', 'refit-teacher', 'refit'],
  otherStudent: { kind: 'fold-in', dimensions: 8 },
  newest: {
    store: () => storeOf([...blockRows(), ...newest()]),
    spec: { distillation: { epochs: 30, batchSize: 8, seed: 7 }, teacher: { kind: 'ease', lambda: 5 } },
    // All that the first block has but one: the rest is what nobody there takes.
    history: ['new/a', 'new/b', ...firstItems()],
    expected: 'new/c',
  },
  warned: {
    spec: { teacher: { ...teacher, hidden: [2] } },
    message: /exceeds the teacher's narrowest layer 2/,
    before: 'teacher',
  },
  async measure({ artifacts, artifact, spec, report }) {
    const { weights } = await loadStudent(artifacts, artifact);
    const complete = completeDistillation(spec);
    const { dataset } = await readTrainingData(
      sourceOf(blockRows()),
      complete,
      planMeanings(complete, ['click'], usuallyMeant).weighting,
      {},
    );
    const split = splitPairs(dataset, complete.dataset.split, 7);
    const { outcomes } = await evaluate(
      [studentRanker('student', createStudentScorer(weights))],
      {
        histories: historyFor(split, 'test'),
        known: knownFor(split, 'test'),
        heldOut: split.test,
        popularity: columnSums(split.train),
      },
      { ks: [3] },
    );
    const ndcg = outcomes[0]!.metrics['ndcg@3']!;
    return {
      reported: report.models.find(({ name }) => name === 'student')!.metrics['ndcg@3']!.value,
      measured: ndcg.reduce((sum, x) => sum + x, 0) / ndcg.length,
    };
  },
});
