import { html } from 'htm/preact';
import type { VNode } from 'preact';
import type { ModelVersion } from '../../../domain/answers/model.ts';
import { isError, metricTitle } from '../../../domain/reports/metric-names.ts';
import { type Page, useGet } from '../../hooks.ts';
import { Card } from '../../parts/card.ts';
import { Loading } from '../../parts/empty.ts';
import { Choice } from '../../parts/field.ts';
import { bytes, fixed, percent } from '../../parts/format.ts';
import { Problem } from '../../parts/notice.ts';
import { PagedTable } from '../../parts/paged-table.ts';
import { Time } from '../../parts/time.ts';
import { linkTo, setQuery } from '../../router.ts';
import { Names } from '../versions/names.ts';
import { metricsOfVersions, pointsOf } from '../versions/points.ts';
import { metricLabel } from '../versions/report-table.ts';
import { Scatter } from '../versions/scatter.ts';

/** As many of the newest versions are drawn; the table has all of them in pages. */
const DRAWN = 500;

interface VersionsProps {
  model: string;
  live: number | null;
  query: URLSearchParams;
}

/** Versions of a model: drawn by size and quality, and listed. */
export function VersionsOfModel({ model, live, query }: VersionsProps): VNode {
  const path = `/models/${encodeURIComponent(model)}/versions`;
  return html`<div class="cards">
    <${SizeAgainstQuality} model=${model} live=${live} metric=${query.get('metric')} chosen=${[]} />
    <${Card} title="Versions" isWide aside=${html`<a href=${linkTo(['compare', model])}>Compare versions</a>`}>
      <${PagedTable}
        path=${path}
        label=${`Versions of ${model}`}
        keyOf=${(row: ModelVersion) => row.version}
        hrefOf=${(row: ModelVersion) => linkTo(['report', model, row.version])}
        columns=${COLUMNS}
      />
    <//>
  </div>`;
}

const headlineOf = ({ summary }: ModelVersion): string | undefined =>
  metricsOfVersions([{ summary, version: 0, bytes: 0 }])[0];

const COLUMNS = [
  { title: 'Version', kind: 'main', of: (row: ModelVersion) => `Version ${row.version}` },
  { title: 'Made', of: (row: ModelVersion) => html`<${Time} at=${row.createdAt} />` },
  { title: 'Names', of: (row: ModelVersion) => html`<${Names} version=${row} />` },
  { title: 'Metric', of: (row: ModelVersion) => metricTitle(headlineOf(row) ?? ''), isExtra: true },
  {
    title: 'Teacher',
    kind: 'number',
    of: (row: ModelVersion) => fixed(row.summary.metrics.teacher?.[headlineOf(row) ?? '']),
  },
  {
    title: 'Student',
    kind: 'number',
    of: (row: ModelVersion) => fixed(row.summary.metrics.student?.[headlineOf(row) ?? '']),
  },
  { title: 'Keeps', kind: 'number', of: (row: ModelVersion) => percent(keptOf(row)) },
  { title: 'Bytes', kind: 'number', of: (row: ModelVersion) => bytes(row.bytes) },
  {
    title: 'Smaller by',
    kind: 'number',
    of: (row: ModelVersion) => `${fixed(row.summary.compressionRatio, 1)} ×`,
    isExtra: true,
  },
];

function keptOf(row: ModelVersion): number | null {
  const metric = headlineOf(row);
  const [student, teacher] = ['student', 'teacher'].map((name) => row.summary.metrics[name]?.[metric ?? '']);
  if (metric === undefined || !student || !teacher) return null;
  return isError(metric) ? teacher / student : student / teacher;
}

interface SizesProps {
  model: string;
  live: number | null;
  metric: string | null;
  chosen: readonly number[];
}

/** Card with the newest versions of a model by size and quality. */
export function SizeAgainstQuality({ model, live, metric, chosen }: SizesProps): VNode {
  const { data, error } = useGet<Page<ModelVersion>>(
    `/models/${encodeURIComponent(model)}/versions?limit=${DRAWN}`,
  );
  const versions = data?.data ?? [];
  const metrics = metricsOfVersions(versions);
  const by = metric !== null && metrics.includes(metric) ? metric : metrics[0];
  const isCut = data?.nextCursor != null;
  return html`<${Card}
    title="Size against quality"
    isWide
    says=${`Each point is a version; the line joins the front, the versions that no other beats in both. Figures are of each version's own test, so that they compare only where the data and the split were the same.${isCut ? ` The newest ${DRAWN} versions are drawn.` : ''}`}
    aside=${
      metrics.length > 1 &&
      html`<${Choice}
      label=${html`<span class="unseen">Metric</span>`}
      value=${by}
      options=${metrics.map((one) => [one, metricLabel(one)] as const)}
      onChange=${(next: string) => setQuery({ metric: next })}
    />`
    }
  >
    <${Problem} error=${error} />
    ${data === null && !error && html`<${Loading} />`}
    ${
      by !== undefined &&
      html`<${Scatter}
        points=${pointsOf(versions, by)}
        metric=${metricLabel(by)}
        chosen=${chosen}
        live=${live}
        hrefOf=${(version: number) => linkTo(['report', model, version])}
      />`
    }
  <//>`;
}
