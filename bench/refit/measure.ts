import { type Csr, columnSums, exceptRows, filterEntries } from '../../src/dataset/matrix.ts';
import { NO_NEW_ITEMS } from '../../src/dataset/new-items.ts';
import { splitPairs } from '../../src/dataset/split/split.ts';
import { completeDistillation } from '../../src/domain/jobs/complete-distillation.ts';
import type { DistillationSpec } from '../../src/domain/jobs/distillation-spec.ts';
import type { Report } from '../../src/domain/reports/report.ts';
import { evaluate } from '../../src/evaluation/evaluate.ts';
import { createStudentScorer } from '../../src/scoring/student-scorer.ts';
import { type ChosenTeacher, retrainTeacher } from '../../src/teacher/registry.ts';
import { createEngine } from '../../src/tensor/engine.ts';
import type { Fit } from '../../src/training/run/run.ts';
import type { Task } from '../../src/training/task.ts';
import { type PreparedRanking, prepareRanking } from '../../src/training/tasks/ranking/prepare.ts';
import { studentRanker, teacherRanker } from '../../src/training/tasks/ranking/rankers.ts';
import { openRanking, ranking } from '../../src/training/tasks/ranking/task.ts';
import type { RankingControls } from '../../src/training/tasks/ranking/train-controls.ts';
import { startDistilled, type TrainedStudent } from '../../src/training/tasks/ranking/train-student.ts';
import { chosenOf, type RankingTeacher } from '../../src/training/teachers/teacher-setup.ts';
import { runJob } from '../lib/run-job.ts';
import { csvSource } from '../quality/csv-source.ts';
import type { Upload } from '../quality/data-sets.ts';
import { placesForFan } from './films.ts';

/** The shares of each user's pairs that the tested models do not know, and of these the newest, which nobody knows. */
const LATER = 0.3;
const NEWEST = 0.1;

/** Returns what there is to say of the tested models, of the refit and of a whole new training. */
export async function measureRefit(
  uploads: readonly Upload[],
  strategy: 'last-fraction' | 'random',
  job: Partial<DistillationSpec>,
  hasFilms: boolean,
): Promise<string[]> {
  const lines: string[] = [];
  const engine = await createEngine({ backend: 'auto' });
  const split = { strategy, testFraction: hasFilms ? 0.2 : LATER, validationFraction: 0.1 };
  const variant: Task<RankingTeacher, TrainedStudent, RankingControls> = {
    ...ranking,
    async open(run) {
      const prepared = await prepareRanking(run);
      const { dataset } = prepared.data;
      const newest = hasFilms ? undefined : newestOf(prepared, strategy);
      const known = newest ? exceptRows(dataset.matrix, newest) : dataset.matrix;
      const whole = { ...prepared.data.whole(), matrix: known };
      const opened = openRanking(run, {
        ...prepared,
        candidates: [],
        data: { ...prepared.data, whole: () => whole },
      });
      const note = async (name: string, teacher: RankingTeacher, student: TrainedStudent) => {
        const said = newest
          ? await figures(known, newest, teacher, student)
          : placesForFan(student.weights, dataset.items);
        lines.push(`${name}: ${said}`);
      };
      return {
        ...opened,
        controls: [],
        async assess({ teacher, student }, advance) {
          await note('tested', teacher, student);
          const started = performance.now();
          const anew = await trainAnew(prepared, whole, teacher, {
            engine,
            rng: run.rng,
            signal: run.signal,
            onProgress() {},
          });
          const seconds = ((performance.now() - started) / 1000).toFixed(1);
          await note(`trained anew in ${seconds} s`, anew.teacher, anew.student);
          anew.student.dispose();
          anew.teacher.dispose();
          return opened.assess({ teacher, student, controls: [standIn(student)], repeats: [] }, advance);
        },
        whole(chosen) {
          const again = opened.whole(chosen);
          return {
            ...again,
            async transfer(teacher, fit) {
              const train = await again.transfer(teacher, fit);
              return async (own) => {
                const student = await train(own);
                await note('refitted', teacher, student);
                return student;
              };
            },
          };
        },
      };
    },
  };
  const { report } = await runJob({
    spec: completeDistillation({ model: 'bench', dataset: { split }, ...job }),
    interactions: csvSource(uploads),
    engine,
    timedAnswers: 16,
    variant,
  });
  const { seconds, served } = report as Report;
  return [...lines, JSON.stringify(seconds), JSON.stringify(served)];
}

/** The student in place of the controls, which are not looked at. */
function standIn(student: TrainedStudent) {
  const best = { weights: student.weights, description: 'the student', tried: [] };
  return { alone: student, best, dispose() {} };
}

/** Returns each user's newest later pairs; a third of them, whichever, where there is no time. */
function newestOf({ data, split }: PreparedRanking, strategy: 'last-fraction' | 'random'): Csr {
  if (strategy === 'random') return filterEntries(split.test, (p) => p % 3 === 0);
  const plan = { strategy, testFraction: NEWEST, validationFraction: 0 } as const;
  return splitPairs(data.dataset, plan, 0).test;
}

async function trainAnew(
  { found, settings }: PreparedRanking,
  { matrix, features }: ReturnType<PreparedRanking['data']['whole']>,
  { teacher }: RankingTeacher,
  fit: Fit,
): Promise<{ teacher: RankingTeacher; student: TrainedStudent }> {
  const context = { ...fit, train: matrix, ...(features && { features }) };
  const again = await retrainTeacher(bare(chosenOf(found, teacher)), context, NO_NEW_ITEMS);
  const train = await startDistilled(again, settings, context);
  return { teacher: { teacher: again, dispose: again.dispose }, student: await train(context) };
}

/** The teacher without its weights: there is nothing to start from. */
function bare({ settings, members }: ChosenTeacher): ChosenTeacher {
  return { settings, members: members.map(({ chosen, share }) => ({ chosen: bare(chosen), share })) };
}

async function figures(
  known: Csr,
  newest: Csr,
  { teacher }: RankingTeacher,
  { weights }: TrainedStudent,
): Promise<string> {
  const rankers = [teacherRanker(teacher), studentRanker('student', createStudentScorer(weights))];
  const { outcomes } = await evaluate(
    rankers,
    { histories: known, known, heldOut: newest, popularity: columnSums(known) },
    { ks: [10, 20] },
  );
  return outcomes
    .map(({ metrics }, i) => {
      const mean = (values: ArrayLike<number>) => {
        const own = Array.from(values).filter(Number.isFinite);
        return (own.reduce((sum, x) => sum + x, 0) / own.length).toFixed(4);
      };
      return `${rankers[i]!.name} NDCG@10 ${mean(metrics['ndcg@10']!)} recall@20 ${mean(metrics['recall@20']!)}`;
    })
    .join(', ');
}
