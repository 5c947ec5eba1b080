import { type LabelStudent, packLabelStudent } from '../../../artifact/student/label-student.ts';
import { hashOf } from '../../../core/hash.ts';
import { CODE_VERSION } from '../../../core/version.ts';
import { selectRows } from '../../../dataset/matrix.ts';
import type { Held } from '../../run/holding.ts';
import { obtain } from '../../run/obtain.ts';
import type { Run } from '../../run/run.ts';
import type { Distillation, OpenTask, Task } from '../../task.ts';
import { assessLabels, decideOn, frequencyLabeller, networkLabeller, servedLabeller } from './assess.ts';
import { servedStudent } from './inputs.ts';
import { type LabelNetwork, restoreNetwork } from './network.ts';
import { labelValidation, type PreparedLabels, prepareLabels } from './prepare.ts';
import { type LabelReportBody, reportLabels, summarizeLabels } from './report.ts';
import { type LabelExamples, labelShares, trainLabels } from './train.ts';

/** A network with what is published of it. */
interface TrainedLabels extends Held {
  network: LabelNetwork;
  student: LabelStudent;
}

/** Labels of items or users, each with a probability of its own. */
export const labels: Task<LabelNetwork, TrainedLabels, LabelReportBody> = {
  metric: 'averagePrecision',
  control: 'student-alone',
  open: async (run) => openLabels(run, await prepareLabels(run)),
};

function openLabels(
  run: Run,
  prepared: PreparedLabels,
): OpenTask<LabelNetwork, TrainedLabels, LabelReportBody> {
  const { spec, engine, rng } = run;
  const { data, split, inputs, settings, remapped } = prepared;
  const { seed } = spec.distillation;
  const teacherHash = hashOf(CODE_VERSION, engine.report.name, data.hash, spec.dataset.split, seed, {
    teacher: remapped?.hash ?? settings.teacher,
    labels: settings.labels,
    weighting: settings.weighting,
    patience: settings.patience,
  });
  const identity = [teacherHash, settings];
  const validation = labelValidation(prepared);
  const examples = examplesOf(prepared, split.train);
  const shares = labelShares(data.known, split.train);

  /** The network as it is served, with calibration and thresholds from the validation part. */
  function withDecisions(network: LabelNetwork): TrainedLabels {
    const logits = network.answers(selectRows(inputs.rows, split.validation));
    const decisions = decideOn(logits, selectRows(data.known, split.validation), shares);
    const student = servedStudent(network.weights(), data, settings.labels, inputs, decisions);
    return { network, student, dispose: network.dispose };
  }

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
      const context = { ...fit, rng: rng.fork('distillation') };
      return withDecisions(await trainLabels(settings.student, examples, teacher.answers, context));
    },
    controls: [
      {
        async train(_, fit) {
          const context = { ...fit, rng: rng.fork('student-alone'), validation };
          return withDecisions(await trainLabels(settings.alone, examples, null, context));
        },
      },
    ],
    async assess({ teacher, student, controls: [control] }, advance) {
      const labellers = [
        networkLabeller('teacher', describe(teacher), teacher, inputs),
        servedLabeller('student', student.student, data, inputs),
        networkLabeller('student-float32', 'before rounding', student.network, inputs),
        servedLabeller('student-alone', control!.student, data, inputs, ', without a teacher'),
        frequencyLabeller(shares),
      ];
      const assessment = await assessLabels(
        labellers,
        prepared,
        rng.fork('bootstrap'),
        advance,
        run.onAnswer,
      );
      const report = reportLabels(prepared, { seed, epochsOfTeacher: teacher.epochs }, assessment);
      return { report, summary: summarizeLabels(report) };
    },
    storable: (teacher) => [{ description: describe(teacher), state: teacher.state }],
    pack: packOf(prepared),
    whole: (chosen) => refitLabels(run, prepared, identity, chosen),
  };
}

/** Plans the refit on all labels that are known; calibration and thresholds stay. */
function refitLabels(
  { engine, rng }: Run,
  prepared: PreparedLabels,
  identity: readonly unknown[],
  chosen: { teacher: LabelNetwork; student: TrainedLabels },
): Distillation<LabelNetwork, TrainedLabels, LabelReportBody> {
  const { data, split, inputs, settings, remapped } = prepared;
  const { epochs } = chosen.teacher;
  const { calibration, thresholds } = chosen.student.student;
  const labelled = Int32Array.from([...split.train, ...split.validation, ...split.test]);
  const examples = examplesOf(prepared, labelled);
  const decisions = { calibration, thresholds, shares: labelShares(data.known, labelled) };
  return {
    identity,
    async teach({ fit }) {
      const { teacher } = settings;
      if (teacher.kind === 'stored') return restoreNetwork(engine, remapped!.state);
      const context = { ...(await fit(identity)), rng: rng.fork('refit-teacher') };
      return trainLabels({ ...teacher, epochs }, examples, null, context);
    },
    transfer: async (teacher) => async (fit) => {
      const context = { ...fit, rng: rng.fork('refit') };
      const network = await trainLabels(settings.student, examples, teacher.answers, context);
      const student = servedStudent(network.weights(), data, settings.labels, inputs, decisions);
      return { network, student, dispose: network.dispose };
    },
    pack: packOf(prepared),
  };
}

function examplesOf({ data, split, inputs }: PreparedLabels, labelled: Int32Array): LabelExamples {
  return { inputs: inputs.rows, known: data.known, labelled, unlabelled: split.unlabelled };
}

function packOf({
  data,
  settings,
}: PreparedLabels): Distillation<LabelNetwork, TrainedLabels, LabelReportBody>['pack'] {
  return ({ student }, report, draft) => ({
    files: packLabelStudent(student, report, { ...draft, weighting: settings.weighting }),
    items: data.items.length,
    dimensions: student.out.width,
  });
}

const describe = ({ width }: LabelNetwork) => `multilabel ${width}`;
