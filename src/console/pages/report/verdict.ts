import { html } from 'htm/preact';
import type { VNode } from 'preact';
import type { Measured } from '../../../domain/reports/measured.ts';
import { metricTitle } from '../../../domain/reports/metric-names.ts';
import type { Report } from '../../../domain/reports/report.ts';
import { Card, Figure } from '../../parts/card.ts';
import { bytes, fixed, percent, signed } from '../../parts/format.ts';
import { axisOf, IntervalBar } from '../../parts/interval-bar.ts';
import { Badge, Notice } from '../../parts/notice.ts';
import {
  BAR_TONES,
  differencesOf,
  historyTitle,
  RESULT_TONES,
  type ReportTable,
  rowOf,
} from '../versions/report-table.ts';

/** Card with the report in words, with the figures to quote and the differences that the words are made of. */
export function Verdict({ report, table }: { report: Report; table: ReportTable }): VNode {
  const { verdict, warnings } = report;
  return html`<${Card} title="Verdict" isWide>
    <${Headline} report=${report} table=${table} />
    <p class="verdict">${verdict.text}</p>
    ${warnings.map((warning) => html`<${Notice} tone="warn">${warning}<//>`)}
    <${Differences} table=${table} />
    ${
      verdict.advice.length > 0 &&
      html`<h3>To try</h3>
        <ul class="plain-list">${verdict.advice.map((advice) => html`<li>${advice}</li>`)}</ul>`
    }
  <//>`;
}

function Headline({ report, table }: { report: Report; table: ReportTable }): VNode {
  const { headline } = table;
  const student = rowOf(table, 'student');
  const { compressionRatio } = report.comparison;
  const gain = headline && table.comparison.gainOverAlone[headline.metric];
  return html`<div class="figures">
    ${
      headline
        ? html`
            <${Figure} name=${metricTitle(headline.metric)} value=${fixed(headline.student.value)}>
              ${interval(headline.student, fixed)}; teacher ${fixed(headline.teacher.value)}
            <//>
            ${
              headline.retained &&
              html`<${Figure} name="Keeps" value=${percent(headline.retained.value)}>${interval(headline.retained, percent)}<//>`
            }
            ${
              headline.overlap &&
              html`<${Figure} name="Shows of the teacher's list" value=${percent(headline.overlap.value)}>${interval(headline.overlap, percent)}<//>`
            }
            ${
              gain &&
              html`<${Figure} name="Worth over no teacher" value=${signed(gain.value)}>${interval(gain, signed)}<//>`
            }
          `
        : html`<p class="faint">This report is of an earlier release and has no headline.</p>`
    }
    <${Figure} name="Smaller by" value=${`${fixed(compressionRatio, 1)} ×`}>${bytes(student?.bytes)}<//>
    ${
      headline &&
      html`<${Figure} name="Measured over" value=${headline.history}>${historyTitle(headline.history)}<//>`
    }
  </div>`;
}

const interval = ({ low, high }: Measured, format: (value: number) => string) =>
  `${format(low)} to ${format(high)}`;

/** Student against each of the others, by the metric of the headline: bars on one axis, with 0 marked. */
function Differences({ table }: { table: ReportTable }): VNode | null {
  const metric = table.headline?.metric;
  const rows = metric === undefined ? [] : differencesOf(table.comparison, metric);
  if (rows.length === 0) return null;
  const { min, max } = axisOf(
    rows.flatMap(({ low, high }) => [low, high]),
    0,
  );
  return html`<ul class="differences" aria-label="The student against the others">
    ${rows.map(
      ({ over, value, low, high, result }) => html`<li key=${over}>
        <${Badge} tone=${RESULT_TONES[result]}>${result}<//>
        <span>${result === 'equal' ? 'to' : 'than'} ${over}</span>
        <${IntervalBar} value=${value} low=${low} high=${high} min=${min} max=${max} mark=${0} tone=${BAR_TONES[result]} format=${signed} />
        <span class="number">${signed(value)} <span class="faint">${signed(low)} to ${signed(high)}</span></span>
      </li>`,
    )}
  </ul>`;
}
