import { LEARNED_SEED, type LearnedFile } from '../../../artifact/learned.ts';
import { type LabelStudent, packLabelStudent } from '../../../artifact/student/label-student.ts';
import { hashOf } from '../../../core/hash.ts';
import { EMPTY_SET, hashSetOf, unionOfSets } from '../../../core/hash-set.ts';
import { hashOfId } from '../../../core/id-hash.ts';
import { CODE_VERSION } from '../../../core/version.ts';
import { selectRows } from '../../../dataset/matrix.ts';
import { NO_NEW_ITEMS } from '../../../dataset/new-items.ts';
import { withLive } from '../../live/live-comparison.ts';
import { hashOfValues } from '../../run/hash-of-start.ts';
import { obtain } from '../../run/obtain.ts';
import { summaryOf } from '../../run/publish.ts';
import type { Run } from '../../run/run.ts';
import { type Distillation, type OpenTask, type Refit, seedsOf, type Task } from '../../task.ts';
import { areWhole } from '../../teachers/learned-before.ts';
import {
  assessLabels,
  decideOn,
  frequencyLabeller,
  type Labeller,
  networkLabeller,
  servedLabeller,
} from './assess.ts';
import { servedStudent } from './inputs.ts';
import { compareLiveLabels } from './live.ts';
import { type LabelNetwork, restoreNetwork } from './network.ts';
import { labelValidation, type PreparedLabels, prepareLabels } from './prepare.ts';
import { labelLists } from './probe-lists.ts';
import { reportLabels } from './report.ts';
import { type LabelExamples, labelShares, trainLabels } from './train.ts';
import { type LabelControls, type TrainedLabels, trainControls } from './train-controls.ts';

/** Labels of items or users, each with a probability of its own. */
export const labels: Task<LabelNetwork, TrainedLabels, LabelControls> = {
  metric: 'averagePrecision',
  control: 'student-alone',
  open: async (run) => openLabels(run, await prepareLabels(run)),
};

function openLabels(
  run: Run,
  prepared: PreparedLabels,
): OpenTask<LabelNetwork, TrainedLabels, LabelControls> {
  const { spec, engine, rng } = run;
  const { data, split, inputs, settings, remapped } = prepared;
  const { seed } = spec.distillation;
  const teacherHash = hashOf(CODE_VERSION, engine.report.name, data.hash, spec.dataset.split, seed, {
    teacher: remapped?.hash ?? settings.teacher,
    labels: settings.labels,
    weighting: settings.weighting,
    patience: settings.patience,
    ...(prepared.learned && { learned: prepared.learned.hash }),
  });
  const identity = [teacherHash, settings];
  const validation = labelValidation(prepared);
  const examples = examplesOf(prepared, split.train);
  const shares = labelShares(data.known, split.train);

  /** The network as it is served, with calibration and thresholds from the validation part. */
  function decided(network: Pick<LabelNetwork, 'answers' | 'weights'>): LabelStudent {
    const logits = network.answers(selectRows(inputs.rows, split.validation));
    const decisions = decideOn(logits, selectRows(data.known, split.validation), shares);
    return servedStudent(network.weights(), data, settings.labels, inputs, decisions);
  }
  const withDecisions = (network: LabelNetwork): TrainedLabels => ({
    ...{ network, student: decided(network), dispose: network.dispose },
  });

  return {
    identity,
    async teach({ fit }) {
      const { teacher } = settings;
      if (teacher.kind === 'stored') return restoreNetwork(engine, remapped!.state);
      const context = { ...(await fit()), rng: rng.fork('teacher'), validation };
      return obtain(run, {
        hash: teacherHash,
        checkpoint: 'teacher',
        train: (resume) => trainLabels(teacher, examples, null, { ...context, resume }),
        restore: (state) => restoreNetwork(engine, state),
      });
    },
    transfer: async (teacher) => async (fit) => {
      const context = { ...fit, rng: fit.rng.fork('distillation'), measure: validation?.metric };
      return withDecisions(await trainLabels(settings.student, examples, teacher.answers, context));
    },
    controls: [
      {
        train: (_, fit) => trainControls(settings, examples, { ...fit, validation }, decided),
      },
    ],
    async assess({ teacher, student, controls: [controls], repeats }, advance) {
      const seeds = seedsOf(seed, repeats);
      const labellers = [
        networkLabeller('teacher', describe(teacher), teacher, inputs),
        ...seededLabellers(prepared, student, controls!),
        frequencyLabeller(shares),
        ...repeats.flatMap((one) => seededLabellers(prepared, one.student, one.controls[0]!)),
      ];
      const draws = rng.fork('bootstrap');
      const tested = await assessLabels(labellers, prepared, seeds, draws, advance, run.onAnswer);
      const students = labellers.filter(({ name }) => name === 'student');
      const live = await compareLiveLabels(run, prepared, students, rng.fork('live'));
      const assessment = withLive(tested, live);
      const report = reportLabels(
        prepared,
        { seed, epochsOfTeacher: teacher.epochs, controlsTried: controls!.best.tried },
        assessment,
      );
      return { report, summary: summaryOf(report) };
    },
    storable: (teacher) => [{ description: describe(teacher), state: teacher.state }],
    learned: () => learnedFile(prepared, split.train),
    pack: packOf(prepared),
    whole: (chosen) => refitLabels(run, prepared, identity, chosen),
  };
}

/** Labellers of the models that are trained with every seed. */
function seededLabellers(
  { data, inputs }: PreparedLabels,
  own: TrainedLabels,
  { alone, best }: LabelControls,
): Labeller[] {
  return [
    servedLabeller('student', own.student, data, inputs),
    networkLabeller('student-float32', 'before rounding', own.network, inputs),
    servedLabeller('student-alone', alone.student, data, inputs),
    servedLabeller('best-alone', best.student, data, inputs, best.description),
  ];
}

/** Plans the refit on all labels that are known; calibration and thresholds stay. */
function refitLabels(
  { engine, rng }: Run,
  prepared: PreparedLabels,
  identity: readonly unknown[],
  chosen: { teacher: LabelNetwork; student: TrainedLabels },
): Refit<LabelNetwork, TrainedLabels> {
  const { data, split, inputs, settings, remapped } = prepared;
  const { calibration, thresholds } = chosen.student.student;
  const labelled = Int32Array.from([...split.train, ...split.validation, ...split.test]);
  const examples = examplesOf(prepared, labelled);
  const decisions = { calibration, thresholds, shares: labelShares(data.known, labelled) };
  // Items and features are those of all entities, whether their labels are known or not: no row is new.
  const startOf = (network: LabelNetwork) => ({ weights: network.state().tensors, newItems: NO_NEW_ITEMS });
  const starts = {
    teacher: remapped ? undefined : startOf(chosen.teacher),
    student: startOf(chosen.student.network),
  };
  const { epochs } = chosen.teacher;
  const from = [
    ...identity,
    hashOfValues({ ...starts.teacher?.weights }),
    hashOfValues(starts.student.weights),
  ];
  return {
    identity: from,
    async teach({ fit }) {
      const { teacher } = settings;
      if (teacher.kind === 'stored') return restoreNetwork(engine, remapped!.state);
      const context = { ...(await fit(from)), rng: rng.fork('refit-teacher'), start: starts.teacher };
      return trainLabels({ ...teacher, epochs }, examples, null, context);
    },
    transfer: async (teacher) => async (fit) => {
      const context = { ...fit, rng: rng.fork('refit'), start: starts.student };
      const network = await trainLabels(settings.student, examples, teacher.answers, context);
      const student = servedStudent(network.weights(), data, settings.labels, inputs, decisions);
      return { network, student, dispose: network.dispose };
    },
    learned: () => learnedFile(prepared, labelled),
    pack: packOf(prepared),
    lists: ({ student }) => labelLists(student, prepared, rng),
  };
}

/** @param rows entities whose labels are learned from */
function learnedFile({ data, stored, learned }: PreparedLabels, rows: Int32Array): LearnedFile {
  const now = hashSetOf(Float64Array.from(rows, (row) => hashOfId(data.entities[row]!, LEARNED_SEED)));
  const all = unionOfSets(now, learned?.validation ?? EMPTY_SET);
  return {
    of: 'entities',
    isWhole: areWhole(stored ? [stored] : [], []),
    sets: [{ task: null, teacher: all, student: all }],
  };
}

function examplesOf({ data, split, inputs }: PreparedLabels, labelled: Int32Array): LabelExamples {
  return { inputs: inputs.rows, known: data.known, labelled, unlabelled: split.unlabelled };
}

function packOf({ data, settings }: PreparedLabels): Distillation<LabelNetwork, TrainedLabels>['pack'] {
  return ({ student }, report, draft) => ({
    files: packLabelStudent(student, report, { ...draft, weighting: settings.weighting }),
    items: data.items.length,
    dimensions: student.out.width,
  });
}

const describe = ({ width }: LabelNetwork) => `multilabel ${width}`;
