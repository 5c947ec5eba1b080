import { encodeLabelWeights, type LabelStudent } from '../../../artifact/student/label-student.ts';
import type { Rng } from '../../../core/rng.ts';
import type { LabelledData } from '../../../dataset/labels.ts';
import { type Csr, columnSums, rowLength, selectRows } from '../../../dataset/matrix.ts';
import type { LabelReport } from '../../../domain/reports/label-report.ts';
import { createResampling, type Resampling } from '../../../evaluation/bootstrap.ts';
import {
  calibrate,
  chooseThresholds,
  denseLabels,
  probabilities,
  UNCALIBRATED,
} from '../../../evaluation/calibrate.ts';
import { f1 } from '../../../evaluation/label-metrics.ts';
import {
  compareMicroF1,
  type LabelOutcome,
  labelMetrics,
  tallyLabels,
} from '../../../evaluation/label-tally.ts';
import { createLabelScorer } from '../../../scoring/label-scorer.ts';
import type { Answered, OnAnswer } from '../../run/answered.ts';
import type { RunningStage } from '../../run/run.ts';
import { askedOf, type Decisions, type LabelInputs } from './inputs.ts';
import { type LabelNetwork, parameterCount } from './network.ts';
import type { PreparedLabels } from './prepare.ts';

/** Anything that says how likely each label of some entities is. */
export interface Labeller {
  name: LabelReport['labellers'][number]['name'];
  description: string;
  parameters: number;
  bytes: number;
  /** Logits [rows, labels] row-major, before calibration. @param rows of the data's entities */
  logits(rows: Int32Array): Float32Array;
  /** Left out, they are chosen on validation. */
  decisions?: Decisions;
}

/** Calibration and thresholds for a network, from the entities of the validation part. */
export function decideOn(
  logits: Float32Array,
  known: Csr,
  shares: Float32Array,
  calibrated = true,
): Decisions {
  const calibration = calibrated ? calibrate(logits, denseLabels(known)) : UNCALIBRATED;
  return { calibration, shares, thresholds: chooseThresholds(probabilities(logits, calibration), known) };
}

/** A network before rounding. */
export function networkLabeller(
  name: Labeller['name'],
  description: string,
  network: LabelNetwork,
  inputs: LabelInputs,
): Labeller {
  const parameters = parameterCount(network);
  const logits = (rows: Int32Array) => network.answers(selectRows(inputs.rows, rows));
  return { name, description, parameters, bytes: 4 * parameters, logits };
}

/** The student with the arithmetic that users get, rounded as it is stored. */
export function servedLabeller(
  name: Labeller['name'],
  student: LabelStudent,
  data: LabelledData,
  inputs: LabelInputs,
  remark = '',
): Labeller {
  const scorer = createLabelScorer(student);
  const labels = student.labels.length;
  const { thresholds, shares, calibration } = student;
  return {
    name,
    description: `labels from behaviour${student.encoding ? ' and features' : ''} ${student.out.width}, int8${remark}`,
    parameters: parameterCount({ inputs: student.into.rows, width: student.out.width, labels }),
    bytes: encodeLabelWeights(student).length,
    logits(rows) {
      const all = new Float32Array(rows.length * labels);
      for (const [at, row] of rows.entries())
        all.set(scorer.logits(askedOf(data, student.of, inputs, row)), at * labels);
      return all;
    },
    decisions: { thresholds, shares, calibration },
  };
}

/** Predicts for everybody how many have each label. */
export function frequencyLabeller(shares: Float32Array): Labeller {
  const logits = shares.map((share) => Math.log(share / (1 - share)));
  return {
    name: 'frequency',
    description: 'share of each label',
    parameters: shares.length,
    bytes: shares.byteLength,
    logits(rows) {
      const all = new Float32Array(rows.length * shares.length);
      for (let at = 0; at < rows.length; at++) all.set(logits, at * shares.length);
      return all;
    },
  };
}

export type LabelAssessment = Pick<LabelReport, 'labellers' | 'labels' | 'comparison' | 'protocol'>;

/** All labellers on the test entities. The teacher comes first: the others are compared with it. */
export async function assessLabels(
  labellers: readonly Labeller[],
  { data, split: { validation, test }, settings }: Pick<PreparedLabels, 'data' | 'split' | 'settings'>,
  rng: Rng,
  advance: RunningStage['advance'],
  onAnswer?: OnAnswer,
): Promise<LabelAssessment> {
  const { of } = settings.labels;
  const known = selectRows(data.known, test);
  const chosenOn = selectRows(data.known, validation);
  const counts = Array.from(test, (row) => interactionsOf(data, of, row));
  const judge = (labeller: Labeller) => {
    const isCalibrated = labeller.name !== 'frequency';
    const decisions =
      labeller.decisions ??
      decideOn(labeller.logits(validation), chosenOn, new Float32Array(data.labels.length), isCalibrated);
    const said = probabilities(labeller.logits(test), decisions.calibration);
    const { thresholds } = decisions;
    if (onAnswer) for (const answer of answersOf(labeller, data, test, said)) onAnswer(answer);
    const decided = said.map((p, i) => Number(p >= thresholds[i % data.labels.length]!));
    return { labeller, thresholds, decided, outcome: tallyLabels(said, thresholds, known, settings.ks) };
  };
  const judged: ReturnType<typeof judge>[] = [];
  for (const labeller of labellers) {
    judged.push(judge(labeller));
    await advance(judged.length / labellers.length);
  }
  const resampling = createResampling(test.length, rng);
  const named = (name: Labeller['name']) => judged.find(({ labeller }) => labeller.name === name)!;
  const teacher = judged[0]!;
  const entities = columnSums(known);
  return {
    labellers: judged.map(({ labeller, decided, outcome }, i) => ({
      name: labeller.name,
      description: labeller.description,
      ...labelMetrics(outcome, resampling),
      agreement: i === 0 ? null : agreement(decided, teacher.decided),
      parameters: labeller.parameters,
      bytes: labeller.bytes,
      segments: segmentsOf(outcome, counts),
    })),
    labels: data.labels.map((label, l) => ({
      label,
      entities: entities[l]!,
      threshold: named('student').thresholds[l]!,
      f1: {
        teacher: labelF1(teacher.outcome, l),
        student: labelF1(named('student').outcome, l),
        frequency: labelF1(named('frequency').outcome, l),
      },
    })),
    comparison: compare(
      (name) => named(name).outcome,
      named('teacher').labeller.bytes / named('student').labeller.bytes,
      resampling,
    ),
    protocol: {
      labels: `of ${of} that were not trained on; their interactions and features are known, as they are when they are asked for`,
      thresholds:
        'calibration (Platt scaling, frequencies as they are) and thresholds of each labeller are chosen on the validation part',
      interval: `95 %, percentile bootstrap over ${of}, 1,000 replicates; comparisons are paired`,
    },
  };
}

function* answersOf(
  { name }: Labeller,
  { entities, labels }: LabelledData,
  rows: Int32Array,
  said: Float32Array,
): Generator<Answered> {
  for (const [at, row] of rows.entries())
    yield {
      by: name,
      id: entities[row]!,
      answers: labels.map((id, l) => ({ id, score: said[at * labels.length + l]! })),
    };
}

function compare(
  of: (name: Labeller['name']) => LabelOutcome,
  compressionRatio: number,
  resampling: Resampling,
): LabelReport['comparison'] {
  const student = of('student');
  const minus = (a: number, b: number) => a - b;
  return {
    compressionRatio,
    microF1OfTeacher: compareMicroF1(student, of('teacher'), resampling, (a, b) => a / b),
    microF1OverAlone: compareMicroF1(student, of('student-alone'), resampling, minus),
    microF1OverFrequency: compareMicroF1(student, of('frequency'), resampling, minus),
  };
}

function labelF1({ byLabel: { hits, wrong, missed } }: LabelOutcome, label: number): number | null {
  const own = f1(hits[label]!, wrong[label]! + missed[label]!);
  return Number.isNaN(own) ? null : own;
}

function agreement(one: ArrayLike<number>, other: ArrayLike<number>): number {
  let same = 0;
  for (let i = 0; i < one.length; i++) if (one[i] === other[i]) same++;
  return same / one.length;
}

/** Users of an item, or items of a user. */
function interactionsOf(data: LabelledData, of: LabelStudent['of'], row: number): number {
  return of === 'items' ? (data.takers[row] ?? 0) : rowLength(data.behaviour, row);
}

const CLASSES = [
  { name: 'behaviour:none', most: 0 },
  { name: 'behaviour:1-10', most: 10 },
  { name: 'behaviour:11-50', most: 50 },
  { name: 'behaviour:51+', most: Number.POSITIVE_INFINITY },
];

function segmentsOf({ hits, wrong, missed }: LabelOutcome, counts: readonly number[]) {
  const classOf = counts.map((count) => CLASSES.findIndex(({ most }) => count <= most));
  return CLASSES.map(({ name }, at) => {
    let [entities, right, errors] = [0, 0, 0];
    for (let i = 0; i < classOf.length; i++) {
      if (classOf[i] !== at) continue;
      entities++;
      right += hits[i]!;
      errors += wrong[i]! + missed[i]!;
    }
    return { segment: name, entities, microF1: right + errors > 0 ? f1(right, errors) : 0 };
  }).filter(({ entities }) => entities > 0);
}
