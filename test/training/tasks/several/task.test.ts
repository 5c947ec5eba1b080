import { loadStudent } from '../../../../src/artifact/student/load.ts';
import { studentOfTask } from '../../../../src/artifact/student/student-weights.ts';
import { columnSums } from '../../../../src/dataset/matrix.ts';
import { knownFor } from '../../../../src/dataset/split/split.ts';
import { type SplitTask, taskHistories } from '../../../../src/dataset/task-histories.ts';
import { completeDistillation } from '../../../../src/domain/jobs/complete-distillation.ts';
import { evaluate } from '../../../../src/evaluation/evaluate.ts';
import { createStudentScorer } from '../../../../src/scoring/student-scorer.ts';
import { studentRanker } from '../../../../src/training/tasks/ranking/rankers.ts';
import { readTasks, splitTasks } from '../../../../src/training/tasks/several/tasks-data.ts';
import { describeTask } from '../../../contract/task-suite.ts';
import type { Row } from '../../../helpers/data.ts';
import { FILMS_PER_TASTE, twoTasks } from '../../../helpers/two-tasks.ts';
import { storeOf } from '../../run-job.ts';
import { QUICK, SPEC, TEACHER } from './jobs.ts';

/** Three films that everybody of the first taste has seen last, and nobody else. */
const newest = (): Row[] =>
  Array.from({ length: 24 }, (_, i) => `user-${String(2 * i).padStart(2, '0')}`).flatMap((user) =>
    ['new-a', 'new-b', 'new-c'].map((item) => ({ user, item, type: 'watch', timestamp: 3_000_000 })),
  );

describeTask({
  name: 'several tasks',
  spec: {
    ...QUICK,
    // So slow that every epoch is better than the one before: a refit of the first teacher takes as much as it can.
    teacher: { ...TEACHER, learningRate: 0.005 },
    tasks: [QUICK.tasks![0]!, { name: 'watch', types: ['watch'], weight: 0.5 }],
  },
  store: () => storeOf(twoTasks()),
  control: 'single-task',
  resumed: ['teacher', 'distillation', 'single-task', 'refit-teacher', 'refit'],
  otherStudent: { kind: 'fold-in', dimensions: 8 },
  newest: {
    store: () => storeOf([...twoTasks(), ...newest()]),
    spec: {
      ...SPEC,
      tasks: [SPEC.tasks![1]!, SPEC.tasks![0]!],
      distillation: { ...SPEC.distillation, epochs: 15 },
    },
    // All that the first taste watches but one.
    history: ['new-a', 'new-b', ...Array.from({ length: FILMS_PER_TASTE }, (_, i) => `film-0-${i}`)],
    expected: 'new-c',
  },
  warned: {
    spec: { teacher: { ...TEACHER, hidden: [2] }, student: { kind: 'fold-in', dimensions: 64 } },
    message: /is not smaller than its teachers together .*take larger teachers/,
    before: 'publishing',
  },
  async measure({ artifacts, artifact, spec, report }) {
    const { weights } = await loadStudent(artifacts, artifact);
    const complete = completeDistillation(spec);
    const dataset = await readTasks({ spec: complete, store: storeOf(twoTasks()) }, complete.tasks!);
    const split = splitTasks(complete, complete.tasks!, dataset, []);
    const [{ split: own }] = split as [SplitTask];
    const { outcomes } = await evaluate(
      [studentRanker('student', createStudentScorer(studentOfTask(weights, 0)))],
      {
        histories: taskHistories(split, dataset.context, { name: 'buy', part: 'test' }),
        known: knownFor(own, 'test'),
        heldOut: own.test,
        popularity: columnSums(own.train),
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
