import { encodeLabelWeights, type LabelStudent } from '../../../artifact/student/label-student.ts';
import type { Rng } from '../../../core/rng.ts';
import type { LabelledData } from '../../../dataset/labels.ts';
import { type Csr, selectRows } from '../../../dataset/matrix.ts';
import type { LabelTable } from '../../../domain/reports/label-table.ts';
import type { ModelReport } from '../../../domain/reports/model-report.ts';
import { UNRANKED } from '../../../domain/reports/model-report.ts';
import type { Report } from '../../../domain/reports/report.ts';
import {
  createResampling,
  intervalInWords,
  meanWithInterval,
  type Resampling,
} from '../../../evaluation/bootstrap.ts';
import {
  calibrate,
  chooseThresholds,
  denseLabels,
  probabilities,
  UNCALIBRATED,
} from '../../../evaluation/calibrate.ts';
import { compareModels } from '../../../evaluation/comparison.ts';
import { historyReports } from '../../../evaluation/history-reports.ts';
import {
  joinLabelOutcomes,
  type LabelOutcome,
  labelMetrics,
  pairLabellers,
  tallyLabels,
} from '../../../evaluation/label-tally.ts';
import { joinColumns, joinSeeds, seedReports } from '../../../evaluation/seeds.ts';
import { createLabelScorer } from '../../../scoring/label-scorer.ts';
import type { Answered, OnAnswer } from '../../run/answered.ts';
import type { RunningStage } from '../../run/run.ts';
import { askedOf, type Decisions, type LabelInputs } from './inputs.ts';
import { labelRows } from './label-rows.ts';
import { type LabelNetwork, parameterCount } from './network.ts';
import type { PreparedLabels } from './prepare.ts';
import { interactionsOf, segmentsOf } from './segments.ts';

/** Anything that says how likely each label of some entities is. */
export interface Labeller
  extends Pick<ModelReport, 'name' | 'role' | 'description' | 'parameters' | 'bytes'> {
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
  const role = name === 'teacher' ? 'teacher' : 'student';
  return { name, role, description, parameters, bytes: 4 * parameters, logits };
}

/** The student with the arithmetic that users get, rounded as it is stored. */
export function servedLabeller(
  name: Labeller['name'],
  student: LabelStudent,
  data: LabelledData,
  inputs: LabelInputs,
  what = 'labels',
): Labeller {
  const scorer = createLabelScorer(student, name === 'best-alone' ? 'identity' : 'relu');
  const labels = student.labels.length;
  const { thresholds, shares, calibration } = student;
  return {
    name,
    role: name === 'student' ? 'student' : 'control',
    description: `${what} from behaviour${student.encoding ? ' and features' : ''} ${student.out.width}, int8${name === 'student' ? '' : ', without a teacher'}`,
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
    role: 'baseline',
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

export type LabelAssessment = Pick<Report, 'models' | 'comparison' | 'histories' | 'seeds' | 'protocol'> & {
  labels: LabelTable['each'];
};

/**
 * All labellers on the test entities. The teacher comes first: the others are compared with it. Those of further seeds come again
 * under their names, in the order of the seeds.
 */
export async function assessLabels(
  labellers: readonly Labeller[],
  { data, split: { validation, test }, settings }: Pick<PreparedLabels, 'data' | 'split' | 'settings'>,
  seeds: readonly number[],
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
  const resampling = createResampling(test.length, rng, seeds.length);
  const named = (name: Labeller['name']) => judged.find(({ labeller }) => labeller.name === name)!;
  const teacher = judged[0]!;
  const trained = judged.map((one) => ({
    ...one.labeller,
    first: one.outcome,
    outcome: {
      ...one.outcome,
      agreed: one === teacher ? null : agreement(one.decided, teacher.decided, test.length),
    } as Judged,
  }));
  const measured = joinSeeds(trained, joinJudged);
  return {
    models: measured.map(({ name, role, description, parameters, bytes, first, outcome }) => ({
      ...UNRANKED,
      ...{ name, role, description, parameters, bytes },
      ...labelMetrics(outcome, resampling),
      fidelity: figuresOf(outcome, resampling).fidelity,
      segments: segmentsOf(first, counts),
    })),
    histories: historyReports<Judged>(
      {
        models: measured,
        placesOf: (kind) => Int32Array.from(kind === 'unseen' ? test.keys() : []),
        whyNone: () => `no label of the ${of} of the test is trained on`,
        seeds: seeds.length,
        // All of them: the one kind that there is.
        some: (outcome) => outcome,
        figures: figuresOf,
        pair: pairLabellers,
      },
      rng.fork('histories'),
    ),
    ...(seeds.length > 1 && { seeds: seedReports(seeds, trained, figuresOf) }),
    labels: labelRows(data.labels, known, {
      teacher,
      student: named('student'),
      frequency: named('frequency'),
    }),
    comparison: compareModels(measured, pairLabellers(resampling)),
    protocol: {
      labels: `of ${of} that were not trained on; their interactions and features are known, as they are when they are asked for`,
      thresholds:
        'calibration (Platt scaling, frequencies as they are) and thresholds of each labeller are chosen on the validation part',
      interval: intervalInWords(seeds.length, of),
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

/** Answers of one labeller, with their agreement with the teacher's decisions, [entities]; null for the teacher itself. */
type Judged = LabelOutcome & { agreed: Float64Array | null };

function joinJudged(outcomes: readonly Judged[]): Judged {
  return {
    ...joinLabelOutcomes(outcomes),
    agreed: joinColumns(outcomes.flatMap(({ agreed }) => agreed ?? [])),
  };
}

function figuresOf(outcome: Judged, resampling: Resampling) {
  const { metrics } = labelMetrics(outcome, resampling);
  const { agreed } = outcome;
  return { metrics, fidelity: agreed && { agreement: meanWithInterval(agreed, resampling) } };
}

/** Share of the decisions that are alike, [entities]; the decisions are [entities, labels]. */
function agreement(one: ArrayLike<number>, other: ArrayLike<number>, entities: number): Float64Array {
  const labels = one.length / entities;
  const same = new Float64Array(entities);
  for (let i = 0; i < one.length; i++) if (one[i] === other[i]) same[Math.floor(i / labels)]! += 1 / labels;
  return same;
}
