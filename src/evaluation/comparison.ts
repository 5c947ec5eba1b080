import type { ComparisonReport } from '../domain/reports/comparison-report.ts';
import type { MeasuredByName } from '../domain/reports/measured.ts';
import { isWithoutTeacher, type ModelReport } from '../domain/reports/model-report.ts';

/** A model with all that was measured of it, user by user. */
export interface Measurements<O> extends Pick<ModelReport, 'name' | 'role' | 'bytes'> {
  outcome: O;
}

/** Paired comparisons of two models of one task, by the names of the metrics. */
export interface Pairing<O> {
  /** Share that the first keeps of the second; above 1 is better. A share of nothing is left out. */
  share(one: O, other: O): MeasuredByName;
  /** Gain of the first over the second; above 0 is better. */
  gain(one: O, other: O): MeasuredByName;
}

/** Compares the student with everybody else, on the same users. */
export function compareModels<O>(
  models: readonly Measurements<O>[],
  { share, gain }: Pairing<O>,
): ComparisonReport {
  const named = (name: ModelReport['name']) => models.find((one) => one.name === name)!;
  const [teacher, student] = [named('teacher'), named('student')];
  const gainsOver = (one: Measurements<O>, isOther: (other: Measurements<O>) => boolean) =>
    models.filter(isOther).map(({ name, outcome }) => ({ name, gains: gain(one.outcome, outcome) }));
  const ofRole = (role: ModelReport['role']) => (other: Measurements<O>) => other.role === role;
  const [previous] = gainsOver(student, ofRole('previous'));
  const [live] = gainsOver(student, ofRole('live'));
  const [single] = gainsOver(student, ({ name }) => name === 'single-task');
  const overControls = leastOf(gainsOver(student, isWithoutTeacher));
  return {
    compressionRatio: teacher.bytes / student.bytes,
    retained: share(student.outcome, teacher.outcome),
    keptByRounding: share(student.outcome, named('student-float32').outcome),
    gainOverTeacher: gain(student.outcome, teacher.outcome),
    gainOverAlone: overControls.gains,
    bestControl: overControls.names,
    gainOverBaseline: leastOf(gainsOver(student, ofRole('baseline'))).gains,
    teacherOverBaseline: leastOf(gainsOver(teacher, ofRole('baseline'))).gains,
    ...(single && { gainOverSingleTask: single.gains }),
    ...(previous && { gainOverPrevious: previous.gains }),
    ...(live && { gainOverLive: live.gains }),
  };
}

interface Gains {
  name: ModelReport['name'];
  gains: MeasuredByName;
}

/** The least gain of each metric, that over the best of several models, with the name of that model. */
function leastOf(all: readonly Gains[]): {
  gains: MeasuredByName;
  names: Record<string, ModelReport['name']>;
} {
  const gains: MeasuredByName = {};
  const names: Record<string, ModelReport['name']> = {};
  for (const { name, gains: own } of all) {
    for (const [metric, gain] of Object.entries(own)) {
      if (gains[metric] && gains[metric].value <= gain.value) continue;
      gains[metric] = gain;
      names[metric] = name;
    }
  }
  return { gains, names };
}
