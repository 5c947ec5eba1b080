import { packLabelStudent } from '../../../artifact/student/label-student.ts';
import { CODE_VERSION } from '../../../core/version.ts';
import { buildLabels, type LabelledData } from '../../../dataset/labels.ts';
import { selectRows } from '../../../dataset/matrix.ts';
import type { NewVersion } from '../../../domain/answers/model.ts';
import type { LabelReport } from '../../../domain/reports/label-report.ts';
import type { CompleteSplit } from '../../../domain/tasks/split-spec.ts';
import { denseLabels, logLoss, UNCALIBRATED } from '../../../evaluation/calibrate.ts';
import { averagePrecision } from '../../../evaluation/label-metrics.ts';
import { MAX_HISTORY } from '../../../scoring/user-vector.ts';
import { backendWarnings } from '../../report.ts';
import { planFilter } from '../../run/plan-job.ts';
import type { Stage } from '../../run/progress.ts';
import { publishFiles } from '../../run/publish.ts';
import type { StartedRun } from '../../run/run-options.ts';
import { hashOf } from '../../run/stages.ts';
import { releasing, timed } from '../../run/steps.ts';
import { assessLabels, decideOn, frequencyLabeller, networkLabeller, servedLabeller } from './assess.ts';
import { type Decisions, type LabelInputs, labelInputs, servedStudent } from './inputs.ts';
import type { LabelNetwork } from './network.ts';
import { type LabelSettings, planLabels, planLabelWeighting } from './plan.ts';
import { describeEntitySplit, type EntitySplit, splitEntities } from './split.ts';
import { type LabelTraining, labelShares, trainLabels } from './train.ts';

/** The story of a job that learns labels: data -> teacher -> student -> control -> report -> artifact. */
export async function runLabels(run: StartedRun): Promise<{ version: NewVersion; warnings: string[] }> {
  const { task, progress, rng, engine, signal } = run;
  const { spec } = task;
  const labels = spec.labels as LabelSettings['labels'];
  const seed = spec.distillation.seed;
  const fractions = spec.dataset.split as Extract<CompleteSplit, { strategy: 'random' }>;
  const seconds: Record<string, number> = {};
  progress.send('data', 0);
  const weighting = planLabelWeighting(spec);
  const data = await timed(seconds, 'data', () =>
    run.store.interactions.snapshot((source) =>
      buildLabels(source, weighting, { labels, filter: planFilter(spec), most: MAX_HISTORY }),
    ),
  );
  const split = splitEntities(data.isKnown, fractions, rng.fork('split'));
  const inputs = labelInputs(data, labels, Int32Array.from([...split.train, ...split.unlabelled]));
  const settings = planLabels(spec, inputs.rows.columns);
  const warnings = warningsOf(data, labels);
  warnings.push(...backendWarnings(engine.report));
  for (const warning of warnings) run.onWarning(warning);
  const identity = [CODE_VERSION, engine.report.name, data.hash, fractions, seed, settings];
  const training: Training = {
    data,
    split,
    inputs,
    settings,
    seconds,
    context: async (stage) => ({
      engine,
      rng: rng.fork(stage),
      signal,
      onProgress: progress.fitting(stage, 0, 1, 'averagePrecision'),
      resume: await run.stages.resume(stage, hashOf(stage, identity)),
    }),
  };
  const models = await trainModels(training);
  return releasing(models, async () => {
    progress.send('evaluation', 0);
    const assessment = await timed(seconds, 'evaluation', async () =>
      assessLabels(models.labellers, data, labels.of, split, settings.ks, rng.fork('bootstrap')),
    );
    // The report stands for the student that was tested; what is published learns from all labels.
    const student = spec.evaluation.refit
      ? await timed(seconds, 'refit', () => refit(training, models.epochs, models.decisions))
      : models.student;
    progress.send('publishing', 0);
    const report: LabelReport = {
      task: 'multi-label',
      model: spec.model,
      createdAt: new Date().toISOString(),
      of: labels.of,
      from: labels.from,
      ...assessment,
      leftOut: data.leftOut,
      data: {
        entities: data.entities.length,
        withLabels: data.isKnown.reduce((sum, one) => sum + one, 0),
        labels: data.labels.length,
        items: data.items.length,
        interactions: data.takers.reduce((sum, count) => sum + count, 0),
        featureColumns: inputs.features?.columns ?? 0,
        train: split.train.length,
        validation: split.validation.length,
        test: split.test.length,
        split: describeEntitySplit(labels.of, fractions, seed),
        hash: data.hash,
      },
      settings: { ...settings, epochsOfTeacher: models.epochs, refit: spec.evaluation.refit },
      seed,
      backend: { ...engine.report },
      codeVersion: CODE_VERSION,
      seconds,
      warnings,
    };
    const summary = summaryOf(report);
    const draft = { model: spec.model, jobId: task.jobId, weighting, backend: report.backend, summary };
    const version = await publishFiles(
      { jobId: task.jobId, artifacts: run.artifacts, signal },
      packLabelStudent(student, report, draft),
      { model: spec.model, items: data.items.length, dimensions: student.out.width, summary },
    );
    progress.send('publishing', 1);
    return { version, warnings };
  });
}

interface Training {
  data: LabelledData;
  split: EntitySplit;
  inputs: LabelInputs;
  settings: LabelSettings;
  seconds: Record<string, number>;
  context(stage: Stage): Promise<LabelTraining>;
}

/** Teacher, student, and the student alone, each with what it decides by. */
async function trainModels(training: Training) {
  const { data, split, inputs, settings, seconds, context } = training;
  const { labels } = settings;
  const examples = {
    inputs: inputs.rows,
    known: data.known,
    taught: split.train,
    unlabelled: split.unlabelled,
  };
  const validation = validationOf(training);
  const shares = labelShares(data.known, split.train);
  const decide = (network: Pick<LabelNetwork, 'answers'>) =>
    decideOn(
      network.answers(selectRows(inputs.rows, split.validation)),
      selectRows(data.known, split.validation),
      shares,
    );
  const held: { dispose(): void }[] = [];
  const dispose = () => {
    for (const one of held) one.dispose();
  };
  const train = async (
    stage: Stage,
    seconds_: string,
    run: (context: LabelTraining) => ReturnType<typeof trainLabels>,
  ) => {
    const trained = await timed(seconds, seconds_, async () => run(await context(stage)));
    held.push(trained.network);
    return trained;
  };
  try {
    const teacher = await train('teacher', 'teacher', (own) =>
      trainLabels(settings.teacher, examples, null, { ...own, validation }),
    );
    const taught = await train('distillation', 'distillation', (own) =>
      trainLabels(settings.student, examples, teacher.network.answers, own),
    );
    const control = await train('student-alone', 'studentAlone', (own) =>
      trainLabels(settings.alone, examples, null, { ...own, validation }),
    );
    const decisions = decide(taught.network);
    const student = servedStudent(taught.network.weights(), data, labels, inputs, decisions);
    const alone = servedStudent(control.network.weights(), data, labels, inputs, decide(control.network));
    const shape = (width: number) => ({ inputs: inputs.rows.columns, width, labels: data.labels.length });
    const { width } = settings.student;
    return {
      student,
      decisions,
      epochs: teacher.fit.bestEpoch ?? teacher.fit.epochs,
      labellers: [
        networkLabeller(
          'teacher',
          `multilabel ${settings.teacher.width}`,
          shape(settings.teacher.width),
          inputs,
          teacher.network.answers,
        ),
        servedLabeller('student', student, data, inputs),
        networkLabeller('student-float32', 'before rounding', shape(width), inputs, taught.network.answers),
        servedLabeller('student-alone', alone, data, inputs, ', without a teacher'),
        frequencyLabeller(shares),
      ],
      dispose,
    };
  } catch (error) {
    dispose();
    throw error;
  }
}

/** Teacher and student once more, on all labels that are known; calibration and thresholds stay. */
async function refit(training: Training, epochs: number, decisions: Decisions) {
  const { data, split, inputs, settings, context } = training;
  const taught = Int32Array.from([...split.train, ...split.validation, ...split.test]);
  const examples = { inputs: inputs.rows, known: data.known, taught, unlabelled: split.unlabelled };
  const teacher = await trainLabels(
    { ...settings.teacher, epochs },
    examples,
    null,
    await context('refit-teacher'),
  );
  return releasing(teacher.network, async () => {
    const { network } = await trainLabels(
      settings.student,
      examples,
      teacher.network.answers,
      await context('refit'),
    );
    const layers = network.weights();
    network.dispose();
    const shares = labelShares(data.known, taught);
    return servedStudent(layers, data, settings.labels, inputs, { ...decisions, shares });
  });
}

const MOST_VALIDATED = 2000;
const TIE_BREAK = 1e-3;

/** Average precision of all decisions together, which asks for no threshold yet; of equal ones the surer is better. */
function validationOf({ data, split, inputs, settings }: Training): LabelTraining['validation'] {
  const rows = split.validation.subarray(0, MOST_VALIDATED);
  const truth = denseLabels(selectRows(data.known, rows));
  const asked = selectRows(inputs.rows, rows);
  // Without any label among them no epoch is better than another.
  if (!truth.includes(1)) return undefined;
  return {
    patience: settings.patience,
    metric(answers) {
      const logits = answers(asked);
      // The order alone is soon right on data that is easy, long before the teacher is sure enough to be learnt from.
      return (
        averagePrecision(logits, truth) - (TIE_BREAK * logLoss(logits, truth, UNCALIBRATED)) / truth.length
      );
    },
  };
}

function warningsOf({ leftOut }: LabelledData, { minimum, from }: LabelSettings['labels']): string[] {
  const named = (reason: string) =>
    leftOut.filter((one) => one.reason === reason).map(({ label }) => JSON.stringify(label));
  const list = (names: string[]) =>
    `${names.slice(0, 20).join(', ')}${names.length > 20 ? `, and ${names.length - 20} more` : ''}`;
  const [rare, everywhere] = [named('rare'), named('everywhere')];
  return [
    ...(rare.length > 0
      ? [`Left out of ${from}, as fewer than labels.minimum ${minimum} have them: ${list(rare)}`]
      : []),
    ...(everywhere.length > 0
      ? [
          `Left out of ${from}, as all that have any have them, so that there is nothing to tell apart: ${list(everywhere)}`,
        ]
      : []),
  ];
}

function summaryOf({ labellers, comparison }: LabelReport): NewVersion['summary'] {
  return {
    metrics: Object.fromEntries(
      labellers.map(({ name, metrics, macroF1 }) => [
        name,
        { microF1: metrics.microF1!.value, macroF1, lrap: metrics.lrap!.value },
      ]),
    ),
    compressionRatio: comparison.compressionRatio,
  };
}
