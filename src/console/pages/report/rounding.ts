import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { metricTitle } from '../../../domain/reports/metric-names.ts';
import type { ModelReport } from '../../../domain/reports/model-report.ts';
import { Card, Facts } from '../../parts/card.ts';
import { bytes, fixed, percent } from '../../parts/format.ts';
import { axisOf, IntervalBar } from '../../parts/interval-bar.ts';
import { Table } from '../../parts/table.ts';
import { modelTitle, type ReportTable, rowOf } from '../versions/report-table.ts';

/** Cards on what rounding the weights has cost, and on whether scores can be read as probabilities. */
export function RoundingAndCalibration({ table, task }: { table: ReportTable; task: string }): VNode {
  return html`<${Rounding} table=${table} /><${Calibration} table=${table} task=${task} />`;
}

function Rounding({ table }: { table: ReportTable }): VNode {
  const [before, after] = [rowOf(table, 'student-float32'), rowOf(table, 'student')];
  const kept = Object.entries(table.comparison.keptByRounding).filter(([metric]) => metric !== 'accuracy');
  if (!before || kept.length === 0) {
    return html`<${Card} title="Rounding"><p class="faint">The report does not tell what rounding has cost.</p><//>`;
  }
  const axis = axisOf(
    kept.flatMap(([, { low, high }]) => [low, high]),
    1,
  );
  return html`<${Card} title="Rounding" says="The student as it is served, by the same before its weights were rounded.">
    <${Facts}
      rows=${[['Bytes before', bytes(before.bytes)], ['Bytes as served', bytes(after?.bytes)]]}
    />
    <${Table}
      label="Kept by rounding"
      rows=${kept}
      keyOf=${([metric]: [string, object]) => metric}
      columns=${[
        { title: 'Metric', kind: 'main', of: ([metric]: [string, object]) => metricTitle(metric) },
        {
          title: 'Interval',
          of: ([, measured]: (typeof kept)[number]) =>
            html`<${IntervalBar} ...${measured} ...${axis} mark=${1} format=${percent2} />`,
        },
        { title: 'Kept', kind: 'number', of: ([, { value }]: (typeof kept)[number]) => percent2(value) },
      ]}
    />
  <//>`;
}

const percent2 = (share: number): string => percent(share, 2);

function Calibration({ table, task }: { table: ReportTable; task: string }): VNode {
  const rows = table.models.filter(
    ({ loss, calibratedLoss, figures }) =>
      loss !== null || calibratedLoss !== null || figures?.calibrationError !== undefined,
  );
  if (rows.length === 0) {
    return html`<${Card} title="Calibration">
      <p class="faint">${task === 'rating' ? 'Ratings are predicted in their own units: there is nothing to calibrate.' : 'No scale was fitted, so that scores cannot be read as probabilities.'}</p>
    <//>`;
  }
  const ofLabels = rows.some(({ figures }) => figures?.calibrationError !== undefined);
  const number = (title: string, of: (row: ModelReport) => number | null | undefined, digits = 3) => ({
    title,
    kind: 'number',
    of: (row: ModelReport) => fixed(of(row), digits),
  });
  return html`<${Card}
    title="Calibration"
    says=${
      ofLabels
        ? 'The calibration error is how far probabilities are from frequencies, over 15 bins; less is better.'
        : 'The loss of scores as they are, and after one factor that was fitted on validation; less is better. KL is from the teacher.'
    }
  >
    <${Table}
      label="Calibration"
      rows=${rows}
      keyOf=${(row: ModelReport) => row.name}
      isChosen=${(row: ModelReport) => row.name === 'student'}
      columns=${[
        { title: 'Model', kind: 'main', of: modelTitle },
        ...(ofLabels
          ? [
              number('Calibration error', ({ figures }) => figures?.calibrationError),
              number('Log loss', ({ metrics }) => metrics.logLoss?.value),
            ]
          : [
              number('Loss', ({ loss }) => loss),
              number('Calibrated', ({ calibratedLoss }) => calibratedLoss),
              number('Scale', ({ scoreScale }) => scoreScale, 2),
              number('KL', ({ fidelity }) => fidelity?.kl?.value),
            ]),
      ]}
    />
  <//>`;
}
