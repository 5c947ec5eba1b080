import { html } from 'htm/preact';
import type { ComponentChildren, VNode } from 'preact';
import type { Measured } from '../../../domain/reports/measured.ts';
import type { Report } from '../../../domain/reports/report.ts';
import { useGet } from '../../hooks.ts';
import { Card } from '../../parts/card.ts';
import { Loading } from '../../parts/empty.ts';
import { bytes, counted, duration, fixed, percent, signed } from '../../parts/format.ts';
import { axisOf, IntervalBar } from '../../parts/interval-bar.ts';
import { Badge, Problem } from '../../parts/notice.ts';
import { Time } from '../../parts/time.ts';
import { linkTo } from '../../router.ts';

interface LiveModelProps {
  model: string;
  version: number;
  isDefault: boolean;
}

/** A live version and what its report says of it: what it keeps, how small it is, what its teacher was good for. */
export function LiveModel({ model, version, isDefault }: LiveModelProps): VNode {
  const path = `/models/${encodeURIComponent(model)}/versions/${version}/report`;
  const { data: report, error } = useGet<Report>(path);
  const title = html`<a href=${linkTo(['report', model, version])}>${model} <span class="faint">version ${version}</span></a>`;
  const aside = html`${isDefault && html`<${Badge} tone="good">answers by default<//>`}
    ${' '}<a href=${linkTo(['try', model])}>Try it</a>`;
  return html`<${Card} title=${title} aside=${aside}>
    <${Problem} error=${error} />
    ${report ? html`<${Kept} report=${report} />` : !error && html`<${Loading} />`}
  <//>`;
}

function Kept({ report }: { report: Report }): VNode {
  const { headline, comparison, models, createdAt, warnings } = report;
  const metric = headline?.metric ?? '';
  const gain = comparison?.gainOverAlone?.[metric];
  const student = models.find(({ role }) => role === 'student');
  return html`
    <div class="kept">
      ${
        headline?.retained &&
        html`<${Row}
          says=${`of its teacher's ${nameOf(metric)} is kept`}
          measured=${headline.retained}
          format=${(value: number) => percent(value)}
          mark=${1}
        />`
      }
      ${
        gain &&
        html`<${Row}
          says=${`${nameOf(metric)} over the best model without a teacher`}
          measured=${gain}
          format=${(value: number) => signed(value)}
          mark=${0}
        />`
      }
      ${
        headline &&
        html`<${Row} says=${nameOf(metric)} measured=${headline.student} format=${(value: number) => fixed(value)} />`
      }
    </div>
    <p>
      ${comparison && html`<b>${smaller(comparison.compressionRatio)}</b>`} ${' '}
      ${student && html`<span class="faint">${bytes(student.bytes)}, answers in ${duration(micro(student.p50Microseconds))}</span>`}
    </p>
    <p class="faint">
      Trained <${Time} at=${createdAt} />${warnings.length > 0 && html`${' · '}${counted(warnings.length, 'remark')} in its report`}
    </p>
  `;
}

interface RowProps {
  says: ComponentChildren;
  measured: Measured;
  format: (value: number) => string;
  /** Where no difference is; above it is better. */
  mark?: number;
}

function Row({ says, measured, format, mark }: RowProps): VNode {
  const { value, low, high } = measured;
  const tone = mark === undefined ? 'plain' : low > mark ? 'good' : high < mark ? 'bad' : 'plain';
  return html`
    <span class="kept-value">${format(value)}</span>
    <span class="kept-says">${says} <span class="faint">${format(low)} to ${format(high)}</span></span>
    <${IntervalBar} ...${{ value, low, high, mark, tone, format }} ...${axisOf([low, high], mark)} />
  `;
}

const micro = (count: number | null) => (count === null ? null : count / 1e6);

/** A ratio in words. A student of a small teacher may be the larger one. */
function smaller(ratio: number): string {
  if (ratio >= 1)
    return `${ratio >= 10 ? Math.round(ratio) : ratio.toFixed(1)} times smaller than its teacher.`;
  return `${(1 / ratio).toFixed(1)} times as large as its teacher.`;
}

/** Metrics as people write them. */
const nameOf = (metric: string): string =>
  metric
    .replace(/^ndcg/, 'NDCG')
    .replace(/^(recall|coverage|map)/, (name) => name[0]!.toUpperCase() + name.slice(1));
