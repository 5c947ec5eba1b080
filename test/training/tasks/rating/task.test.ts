import { loadStudent } from '../../../../src/artifact/student/load.ts';
import { createRng } from '../../../../src/core/rng.ts';
import { rowLength } from '../../../../src/dataset/matrix.ts';
import { buildRatings } from '../../../../src/dataset/ratings.ts';
import { historyFor, splitPairs } from '../../../../src/dataset/split/split.ts';
import { completeDistillation } from '../../../../src/domain/jobs/complete-distillation.ts';
import type { TeacherSpec } from '../../../../src/domain/teachers/teacher-spec.ts';
import { createStudentScorer } from '../../../../src/scoring/student-scorer.ts';
import { describeTask } from '../../../contract/task-suite.ts';
import { sourceOf } from '../../../helpers/data.ts';
import { ratedRows } from '../../../helpers/rated.ts';
import { storeOf } from '../../run-job.ts';

const teacher: TeacherSpec = {
  kind: 'matrix-factorization',
  objective: 'svd++',
  dimensions: 32,
  epochs: 3,
  learningRate: 0.05,
};

describeTask({
  name: 'rating',
  spec: {
    model: 'films',
    task: 'rating',
    teacher,
    student: { kind: 'fold-in', dimensions: 4 },
    distillation: { epochs: 3, batchSize: 8, learningRate: 0.03, seed: 7 },
  },
  store: () => storeOf(ratedRows()),
  control: 'student-alone',
  resumed: ['teacher', 'distillation', 'student-alone', 'refit-teacher', 'refit'],
  otherStudent: { kind: 'fold-in', dimensions: 8 },
  warned: {
    spec: { teacher: { ...teacher, dimensions: 1 }, student: { kind: 'fold-in', dimensions: 16 } },
    message: /is not smaller than its teacher/,
    before: 'publishing',
  },
  async measure({ artifacts, artifact, spec, report }) {
    const { weights } = await loadStudent(artifacts, artifact);
    const { ratings } = createStudentScorer(weights);
    const dataset = await buildRatings(sourceOf(ratedRows()), { types: ['rating'] });
    const split = splitPairs(dataset, completeDistillation(spec).dataset.split, createRng(7).fork('split'));
    const known = historyFor(split, 'test');
    const rowOf = (m: typeof known, user: number) => {
      const [from, to] = [m.indptr[user]!, m.indptr[user + 1]!];
      return [m.indices.subarray(from, to), m.values.subarray(from, to)] as const;
    };
    const errors: number[] = [];
    for (let user = 0; user < known.rows; user++) {
      if (rowLength(split.test, user) === 0) continue;
      const [items, truth] = rowOf(split.test, user);
      const out = new Float32Array(items.length);
      ratings!.predict(...rowOf(known, user), items, out);
      out.forEach((rating, i) => void errors.push((rating - truth[i]!) ** 2));
    }
    const { models } = report;
    return {
      reported: models.find(({ name }) => name === 'student')!.metrics.rmse!.value,
      measured: Math.sqrt(errors.reduce((sum, error) => sum + error, 0) / errors.length),
    };
  },
});
