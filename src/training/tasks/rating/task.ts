import type { StudentWeights } from '../../../artifact/student/student-weights.ts';
import { problem } from '../../../core/errors.ts';
import type { Rng } from '../../../core/rng.ts';
import { CODE_VERSION } from '../../../core/version.ts';
import { type Csr, columnSums, selectRows, unionRows } from '../../../dataset/matrix.ts';
import { buildRatings, clipped, type RatedDataset, weightingOf } from '../../../dataset/ratings.ts';
import { describeSplit } from '../../../dataset/split/describe-split.ts';
import { historyFor, type Split, splitPairs } from '../../../dataset/split/split.ts';
import type { NewVersion } from '../../../domain/answers/model.ts';
import type { RatingReport } from '../../../domain/reports/rating-report.ts';
import { createResampling } from '../../../evaluation/bootstrap.ts';
import { evaluatedUsers } from '../../../evaluation/evaluate.ts';
import { addErrors, emptyErrors, rmse } from '../../../evaluation/rating-errors.ts';
import { type RatingBase, type RatingStudent, ratingBase } from '../../../student/rating-fold-in.ts';
import type { TrainingContext } from '../../../teacher/contract.ts';
import type { RatingTeacher } from '../../../teacher/rating/contract.ts';
import { trainSvdTeacher } from '../../../teacher/rating/svd-teacher.ts';
import { backendWarnings } from '../../report.ts';
import { planFilter } from '../../run/plan-job.ts';
import type { Stage } from '../../run/progress.ts';
import { publishArtifact } from '../../run/publish.ts';
import type { StartedRun } from '../../run/run-options.ts';
import { hashOf } from '../../run/stages.ts';
import { refuseEmptyTest, timed, yieldTo } from '../../run/steps.ts';
import { assessRatings, meansPredictor, type Predictor, servedPredictor } from './assess.ts';
import { planRating, type RatingSettings, ratingTypes } from './plan.ts';
import { trainRatingStudent } from './train-student.ts';

/** The story of a job of the task rating: the same stages as any, with errors in place of ranks. */
export async function runRatingDistillation(
  run: StartedRun,
): Promise<{ version: NewVersion; warnings: string[] }> {
  const { task, signal, engine, progress, rng } = run;
  const { spec } = task;
  const seconds: Record<string, number> = {};
  progress.send('data', 0);
  const dataset = await timed(seconds, 'data', () =>
    run.store.interactions.snapshot((source) =>
      buildRatings(source, {
        types: ratingTypes(spec),
        scale: spec.dataset.ratingScale,
        filter: planFilter(spec),
      }),
    ),
  );
  const plan = spec.dataset.split;
  const split = splitPairs(dataset, plan, rng.fork('split'));
  refuseEmptyTest(split);
  const size = { users: dataset.users.length, items: dataset.items.length };
  const settings = planRating(spec, size);
  // Held-out users are not trained on: their validation pairs are not either.
  const learned = plan.strategy === 'held-out-users' ? split.train : unionRows(split.train, split.validation);
  const context = async (stage: Stage, train: Csr): Promise<RatingContext> => ({
    engine,
    rng,
    train,
    signal,
    onProgress: progress.fitting(stage, 0, 1, 'rmse'),
    resume: await run.stages.resume(
      stage,
      hashOf(stage, CODE_VERSION, dataset.hash, plan, spec.distillation.seed, settings),
    ),
  });
  const training: RatingTraining = {
    dataset,
    split,
    learned,
    settings,
    rng,
    context,
    seconds,
    report: progress,
  };
  const models = await trainRatingModels(training);
  try {
    const assessment = await timed(seconds, 'evaluation', () =>
      assessRatings(
        models.predictors,
        { histories: historyFor(split, 'test'), test: split.test, dataset },
        rng.fork('bootstrap'),
        (done) => yieldTo(signal, () => progress.send('evaluation', done)),
      ),
    );
    // The report stands for the models that were tested; what is published learns from the test ratings too.
    const weights = spec.evaluation.refit
      ? await timed(seconds, 'refit', () => refit(training, models.teacher, dataset.matrix))
      : models.weights;
    progress.send('publishing', 0);
    const warnings = backendWarnings(engine.report);
    for (const warning of warnings) run.onWarning(warning);
    const report: RatingReport = {
      task: 'rating',
      model: spec.model,
      createdAt: new Date().toISOString(),
      scale: dataset.scale,
      predictors: assessment.predictors,
      comparison: assessment.comparison,
      data: {
        ...size,
        ratings: dataset.matrix.indices.length,
        train: split.train.indices.length,
        validation: split.validation.indices.length,
        test: split.test.indices.length,
        testUsers: assessment.testUsers,
        split: describeSplit(plan, spec.distillation.seed),
        hash: dataset.hash,
      },
      protocol: assessment.protocol,
      settings: { ...settings, chosenTeacher: models.teacher.settings },
      seed: spec.distillation.seed,
      backend: { ...engine.report },
      codeVersion: CODE_VERSION,
      seconds,
      warnings,
    };
    const publication = { jobId: task.jobId, artifacts: run.artifacts, signal };
    const version = await publishArtifact(
      publication,
      dataset.items,
      weights,
      report,
      weightingOf(settings.types),
    );
    progress.send('publishing', 1);
    return { version, warnings };
  } finally {
    models.dispose();
  }
}

type RatingContext = Omit<TrainingContext, 'validation'>;

export interface RatingTraining {
  dataset: Pick<RatedDataset, 'scale'>;
  split: Split;
  /** What the models that are tested learn from: training and validation pairs. */
  learned: Csr;
  settings: RatingSettings;
  rng: Rng;
  context(stage: Stage, train: Csr): Promise<RatingContext>;
  seconds: Record<string, number>;
  report: { send(stage: Stage, fraction: number, more?: object): void };
}

/** Teacher, student, and the student alone: epochs are chosen on validation, then everything known is learnt. */
export async function trainRatingModels(training: RatingTraining) {
  const { dataset, split, learned, settings, rng, context, seconds } = training;
  const validation = validationOf(split, dataset.scale, rng.fork('validation'));
  const base: RatingBase = { ...ratingBase(learned, settings.student.shrinkage), scale: dataset.scale };
  const teacher = await timed(seconds, 'teacher', () => trainTeacher(training, validation));
  const student = await timed(seconds, 'distillation', async () =>
    trainRatingStudent(
      teacher,
      settings.distillation,
      settings,
      base,
      await context('distillation', learned),
    ),
  );
  try {
    const alone = await timed(seconds, 'studentAlone', () => trainAlone(training, base, validation));
    const weights = weightsOf(student.student, settings, base, learned);
    const served = servedPredictor('student', weights);
    const float32: Predictor = {
      name: 'student-float32',
      description: 'before rounding',
      parameters: served.parameters,
      bytes: 4 * served.parameters,
      predictions: student.student.predictions,
    };
    const predictors: Predictor[] = [
      { name: 'teacher', ...teacher },
      served,
      float32,
      servedPredictor('student-alone', alone),
      meansPredictor(base, settings.student.shrinkage),
    ];
    return { teacher, weights, predictors, dispose: () => student.student.dispose() };
  } catch (error) {
    student.student.dispose();
    throw error;
  }
}

/** Teacher and student once more, on all ratings, for as many epochs. */
async function refit(training: RatingTraining, tested: RatingTeacher, ratings: Csr): Promise<StudentWeights> {
  const { dataset, settings, rng, context, report } = training;
  const { signal } = await context('refit-teacher', ratings);
  const { epochs } = tested.settings as { epochs: number };
  const teacher = await trainSvdTeacher(
    { ...settings.teacher, epochs },
    {
      ratings,
      rng: rng.fork('teacher'),
      onEpoch: (epoch) =>
        yieldTo(signal, () => report.send('refit-teacher', epoch / epochs, { epoch, epochs })),
    },
  );
  const base: RatingBase = { ...ratingBase(ratings, settings.student.shrinkage), scale: dataset.scale };
  const again = await context('refit', ratings);
  const { student } = await trainRatingStudent(teacher, settings.distillation, settings, base, again);
  const weights = weightsOf(student, settings, base, ratings);
  student.dispose();
  return weights;
}

async function trainTeacher(
  { split, learned, settings, rng, context, report }: RatingTraining,
  validation: RatingValidation | undefined,
): Promise<RatingTeacher> {
  const { signal } = await context('teacher', learned);
  const { teacher, patience } = settings;
  const onEpoch = (from: number, share: number) => (epoch: number, error?: number) =>
    yieldTo(signal, () =>
      report.send('teacher', from + (share * epoch) / teacher.epochs, {
        epoch,
        epochs: teacher.epochs,
        ...(error !== undefined && { metrics: { rmse: error } }),
      }),
    );
  if (!validation) {
    return trainSvdTeacher(teacher, { ratings: learned, rng: rng.fork('teacher'), onEpoch: onEpoch(0, 1) });
  }
  const tried = await trainSvdTeacher(teacher, {
    ratings: split.train,
    rng: rng.fork('teacher'),
    validation: { rmse: validation.rmse, patience },
    onEpoch: onEpoch(0, 0.5),
  });
  const chosen = { ...teacher, epochs: tried.settings.epochs as number };
  return trainSvdTeacher(chosen, {
    ratings: learned,
    rng: rng.fork('teacher'),
    onEpoch: onEpoch(0.5, 0.5),
  });
}

/** The control learns from hidden ratings alone, for the epochs that validation finds best. */
async function trainAlone(
  { split, learned, settings, rng, context }: RatingTraining,
  base: RatingBase,
  validation: RatingValidation | undefined,
): Promise<StudentWeights> {
  const { alone } = settings;
  let epochs = alone.epochs;
  if (validation) {
    const first = await trainRatingStudent(
      null,
      alone,
      settings,
      { ...base, ...ratingBase(split.train, settings.student.shrinkage) },
      {
        ...(await context('student-alone', split.train)),
        rng: rng.fork('alone'),
        validation: { metric: (predictions) => -validation.rmse(predictions), patience: settings.patience },
      },
    );
    first.student.dispose();
    epochs = first.fit.bestEpoch ?? epochs;
  }
  const trained = await trainRatingStudent(null, { ...alone, epochs }, settings, base, {
    ...(await context('student-alone', learned)),
    resume: undefined,
    rng: rng.fork('alone'),
  });
  const weights = weightsOf(trained.student, settings, base, learned);
  trained.student.dispose();
  return weights;
}

function weightsOf(
  student: RatingStudent,
  settings: RatingSettings,
  base: RatingBase,
  learned: Csr,
): StudentWeights {
  const ones = { ...learned, values: new Float32Array(learned.values.length).fill(1) };
  const { mean, itemBias, scale } = base;
  return {
    ...student.weights(),
    inner: null,
    popularity: columnSums(ones),
    quantization: 'int8',
    normalization: 'none',
    activation: 'identity',
    rating: {
      mean,
      base: itemBias,
      shrinkage: settings.student.shrinkage,
      low: scale.low,
      high: scale.high,
      deviation: deviationOf(learned, base),
    },
  };
}

/** Of the ratings of an item around its expectation. */
function deviationOf(ratings: Csr, { mean, itemBias }: RatingBase): number {
  const squares = ratings.values.reduce(
    (sum, r, p) => sum + (r - mean - itemBias[ratings.indices[p]!]!) ** 2,
    0,
  );
  return Math.sqrt(squares / Math.max(1, ratings.values.length));
}

interface RatingValidation {
  /** Of predictions [rows, items], clipped here. */
  rmse(predictions: (histories: Csr) => Float32Array): number;
}

const MAX_USERS = 2000;
const BATCH = 256;

/** Undefined where nothing is held out to choose by. */
function validationOf(split: Split, scale: RatedDataset['scale'], rng: Rng): RatingValidation | undefined {
  const users = rng.shuffle(evaluatedUsers(split.validation)).subarray(0, MAX_USERS);
  if (users.length === 0) return undefined;
  const known = historyFor(split, 'validation');
  const resampling = createResampling(1, rng);
  return {
    rmse(predictions) {
      const errors = emptyErrors(1);
      for (let from = 0; from < users.length; from += BATCH) {
        const batch = users.subarray(from, from + BATCH);
        const truth = selectRows(split.validation, batch);
        const predicted = clipped(predictions(selectRows(known, batch)), scale);
        for (let b = 0; b < batch.length; b++)
          addErrors(errors, 0, predicted.subarray(b * truth.columns, (b + 1) * truth.columns), truth, b);
      }
      const { value } = rmse(errors, resampling);
      if (!Number.isFinite(value)) {
        throw problem(
          'training-diverged',
          'The predictions are no numbers any more; lower the learning rate',
        );
      }
      return value;
    },
  };
}
