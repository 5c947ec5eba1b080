import type { LabelTable } from '../../domain/reports/label-table.ts';
import type { Measured, MeasuredByName } from '../../domain/reports/measured.ts';
import type { ModelReport } from '../../domain/reports/model-report.ts';
import { UNRANKED } from '../../domain/reports/model-report.ts';
import type { Report } from '../../domain/reports/report.ts';
import { differences, type FormerHead, metricsOf, NOT_COMPARED, roleOf, type Upgraded } from './former.ts';

/** Figures of a labeller as the former reports of labels and of sets have them. */
export interface FormerLabeller {
  name: ModelReport['name'];
  metrics: MeasuredByName;
  macroF1: number | null;
  calibrationError: number | null;
}

interface FormerData
  extends Pick<Report['data'], 'items' | 'interactions' | 'train' | 'validation' | 'test'> {
  entities: number;
  withLabels: number;
  labels: number;
  featureColumns: number;
  split: string;
  hash: string;
}

/** A report of labels before format 2. */
export interface FormerLabelReport extends FormerHead, Pick<Report, 'protocol'> {
  of: LabelTable['of'];
  from: string;
  labellers: (FormerLabeller & {
    description: string;
    agreement: number | null;
    parameters: number;
    bytes: number;
    segments: { segment: string; entities: number; microF1: number }[];
  })[];
  labels: LabelTable['each'];
  leftOut: LabelTable['leftOut'];
  comparison: {
    compressionRatio: number;
    microF1OfTeacher: Measured;
    microF1OverAlone: Measured;
    microF1OverFrequency: Measured;
  };
  data: FormerData;
}

export function upgradeLabels(former: FormerLabelReport): Upgraded {
  const { of, from, labels, leftOut, comparison, protocol } = former;
  const { entities, withLabels, labels: learnt, featureColumns, ...data } = former.data;
  const models = former.labellers.map(({ description, agreement, parameters, bytes, segments, ...one }) => ({
    ...labellerOf(one),
    ...{ description, parameters, bytes },
    // No interval was kept of it.
    fidelity: agreement === null ? null : { agreement: point(agreement) },
    segments: segments.map(({ segment, entities: count, microF1 }) => ({
      segment,
      count,
      metrics: { microF1 },
    })),
  }));
  const compared = formerMicroF1({
    ofTeacher: comparison.microF1OfTeacher,
    overAlone: comparison.microF1OverAlone,
    overBaseline: comparison.microF1OverFrequency,
  });
  return {
    headlineMetric: 'microF1',
    task: 'multi-label',
    models,
    comparison: {
      ...NOT_COMPARED,
      ...compared,
      compressionRatio: comparison.compressionRatio,
      gainOverTeacher: differences(compared.retained, metricsOf(models, 'teacher')),
    },
    labels: { of, from, each: labels, leftOut },
    data: {
      ...data,
      users: of === 'users' ? entities : 0,
      testUsers: data.test,
      entities: { all: entities, withLabels, labels: learnt, featureColumns },
    },
    protocol,
  };
}

/** A labeller in the shape of today, as far as both former reports tell of it. */
export function labellerOf({ name, metrics, macroF1, calibrationError }: FormerLabeller) {
  return {
    ...UNRANKED,
    name,
    role: roleOf(name),
    metrics,
    figures: {
      ...(macroF1 !== null && { macroF1 }),
      ...(calibrationError !== null && { calibrationError }),
    },
  };
}

/** Comparisons by micro F1, which former reports of labels and of sets name one by one. */
export function formerMicroF1({
  ofTeacher,
  overAlone,
  overBaseline,
}: Record<'ofTeacher' | 'overAlone' | 'overBaseline', Measured>) {
  return {
    retained: { microF1: ofTeacher },
    gainOverAlone: { microF1: overAlone },
    gainOverBaseline: { microF1: overBaseline },
  };
}

function point(value: number): Measured {
  return { value, low: value, high: value };
}
