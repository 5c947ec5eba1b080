import { loadStudent } from '../../../../src/artifact/student/load.ts';
import { createRng } from '../../../../src/core/rng.ts';
import { columnSums } from '../../../../src/dataset/matrix.ts';
import { historyFor, knownFor, splitPairs } from '../../../../src/dataset/split/split.ts';
import { completeDistillation } from '../../../../src/domain/jobs/complete-distillation.ts';
import type { TeacherSpec } from '../../../../src/domain/teachers/teacher-spec.ts';
import { evaluate } from '../../../../src/evaluation/evaluate.ts';
import { createStudentScorer } from '../../../../src/scoring/student-scorer.ts';
import { planWeighting } from '../../../../src/training/run/plan-job.ts';
import { studentRanker } from '../../../../src/training/tasks/ranking/rankers.ts';
import { readTrainingData } from '../../../../src/training/tasks/ranking/training-data.ts';
import { describeTask } from '../../../contract/task-suite.ts';
import { blockRows, sourceOf } from '../../../helpers/data.ts';
import { storeOf } from '../../run-job.ts';

const teacher: TeacherSpec = { kind: 'softmax', hidden: [16], epochs: 3, batchSize: 8, learningRate: 0.02 };

describeTask({
  name: 'ranking',
  spec: {
    model: 'blocks',
    dataset: { split: { strategy: 'last-fraction', testFraction: 0.2, validationFraction: 0.1 } },
    teacher,
    student: { kind: 'fold-in', dimensions: 4 },
    distillation: { epochs: 3, batchSize: 8, seed: 7 },
    evaluation: { k: [3] },
  },
  store: () => storeOf(blockRows()),
  control: 'student-alone',
  resumed: ['teacher', 'distillation', 'student-alone', 'refit-teacher', 'refit'],
  otherStudent: { kind: 'fold-in', dimensions: 8 },
  warned: {
    spec: { teacher: { ...teacher, hidden: [2] } },
    message: /exceeds the teacher's narrowest layer 2/,
    before: 'teacher',
  },
  async measure({ artifacts, artifact, spec, report }) {
    const { weights } = await loadStudent(artifacts, artifact);
    const complete = completeDistillation(spec);
    const { dataset } = await readTrainingData(sourceOf(blockRows()), complete, planWeighting(complete), {});
    const split = splitPairs(dataset, complete.dataset.split, createRng(7).fork('split'));
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
