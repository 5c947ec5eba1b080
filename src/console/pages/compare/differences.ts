import { html } from 'htm/preact';
import type { VNode } from 'preact';
import type { ListDifference } from '../../../domain/reports/example-report.ts';
import type { Measured } from '../../../domain/reports/measured.ts';
import { metricTitle } from '../../../domain/reports/metric-names.ts';
import { useGet } from '../../hooks.ts';
import { Card } from '../../parts/card.ts';
import { Loading } from '../../parts/empty.ts';
import { bytes, counted, signed } from '../../parts/format.ts';
import { axisOf, IntervalBar } from '../../parts/interval-bar.ts';
import { Badge, Problem } from '../../parts/notice.ts';
import { Table } from '../../parts/table.ts';
import { BAR_TONES, RESULT_TONES, resultOf } from '../versions/report-table.ts';
import { ItemName, useTitles } from '../versions/titles.ts';

interface Compared {
  from: 'report' | 'now' | 'nothing';
  versions: number[];
  users: number;
  differences: Record<string, Measured>;
  why?: string;
  sizes: { bytes: number[] };
  examples: ListDifference[];
}

interface DifferencesProps {
  model: string;
  measure: number;
  other: number;
}

const FROM = {
  report: 'A job measured one against the other, on what the live one of the two had not learned from.',
  now: 'Both were scored now, on what neither has learned from.',
  nothing: '',
};

/** Paired differences of one version to the measure, and what users gain and lose. */
export function Differences({ model, measure, other }: DifferencesProps): VNode | null {
  const path = `/models/${encodeURIComponent(model)}/compare?versions=${measure},${other}`;
  const { data, error } = useGet<Compared>(path);
  // The reports below are those of the same versions, and say so once for all of them.
  if (error?.status === 404) return null;
  const says =
    data && data.from !== 'nothing'
      ? `${FROM[data.from]} Over ${counted(data.users, 'user')}, paired, with 95 % intervals; to the right of the line version ${other} is better.`
      : null;
  return html`<${Card} title=${`Version ${other} less version ${measure}`} isWide says=${says}>
    <${Problem} error=${error} />
    ${!data && !error && html`<${Loading} />`}
    ${data && html`<${Found} data=${data} />`}
  <//>`;
}

function Found({ data }: { data: Compared }): VNode {
  const rows = Object.entries(data.differences).filter(([metric]) => metric !== 'accuracy');
  type Row = (typeof rows)[number];
  const axis = axisOf(
    rows.flatMap(([, { low, high }]) => [low, high]),
    0,
  );
  const [before = 0, after = 0] = data.sizes.bytes;
  const change = before > 0 ? `, ${signed((after / before - 1) * 100, 1)} %` : '';
  return html`
    ${data.why && html`<p class="faint">They are not compared: ${data.why}.</p>`}
    <p>Bytes: ${bytes(before)} to ${bytes(after)}${change}.</p>
    ${
      rows.length > 0 &&
      html`<${Table}
        label=${`Paired differences of versions ${data.versions.join(' and ')}`}
        rows=${rows}
        keyOf=${([metric]: Row) => metric}
        columns=${[
          { title: 'Metric', kind: 'main', of: ([metric]: Row) => metricTitle(metric) },
          {
            title: 'Result',
            of: ([, one]: Row) => html`<${Badge} tone=${RESULT_TONES[resultOf(one)]}>${resultOf(one)}<//>`,
          },
          {
            title: 'Interval',
            of: ([, one]: Row) =>
              html`<${IntervalBar} ...${one} ...${axis} mark=${0} tone=${BAR_TONES[resultOf(one)]} format=${signed} />`,
          },
          { title: 'Difference', kind: 'number', of: ([, { value }]: Row) => signed(value) },
          {
            title: '95 % interval',
            kind: 'number',
            of: ([, { low, high }]: Row) => `${signed(low)} to ${signed(high)}`,
            isExtra: true,
          },
        ]}
      />`
    }
    <${GainedAndLost} examples=${data.examples} />
  `;
}

/** Items that users of now would gain and lose; lists that stay the same are only counted. */
function GainedAndLost({ examples }: { examples: readonly ListDifference[] }): VNode | null {
  const changed = examples.filter(({ gained, lost }) => gained.length + lost.length > 0);
  const titles = useTitles(changed.flatMap(({ gained, lost }) => [...gained, ...lost]));
  if (examples.length === 0) return null;
  const names = (ids: readonly string[]) =>
    html`<ul class="plain-list">${ids.map((id) => html`<li key=${id}><${ItemName} id=${id} titles=${titles} /></li>`)}</ul>`;
  return html`<details>
    <summary>Of ${counted(examples.length, 'user')} of now, ${counted(changed.length, 'list')} would change</summary>
    ${changed.map(
      ({ gained, lost }, i) => html`<div class="lists gains" key=${i}>
        <div><h3>Gained</h3>${names(gained)}</div>
        <div><h3>Lost</h3>${names(lost)}</div>
      </div>`,
    )}
  </details>`;
}
