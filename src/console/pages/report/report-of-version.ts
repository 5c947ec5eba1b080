import { html } from 'htm/preact';
import type { VNode } from 'preact';
import type { ModelVersion } from '../../../domain/answers/model.ts';
import type { Report } from '../../../domain/reports/report.ts';
import { useGet } from '../../hooks.ts';
import { PageTop } from '../../parts/card.ts';
import { Loading } from '../../parts/empty.ts';
import { Choice } from '../../parts/field.ts';
import { Badge, Problem } from '../../parts/notice.ts';
import { linkTo, setQuery } from '../../router.ts';
import {
  metricLabel,
  metricOr,
  metricsOf,
  type ReportTable,
  tableOf,
  taskNames,
} from '../versions/report-table.ts';
import { CurveCards } from './curves.ts';
import { Examples } from './examples.ts';
import { Histories } from './histories.ts';
import { LabelCard } from './labels.ts';
import { Models } from './models.ts';
import { RoundingAndCalibration } from './rounding.ts';
import { Segments } from './segments.ts';
import { Settings } from './settings.ts';
import { Shown } from './shown.ts';
import { Verdict } from './verdict.ts';
import { SizeAgainstQuality } from './versions-of-model.ts';

interface ReportProps {
  model: string;
  version: string;
  /** The job that the report was asked for by. */
  job?: string;
  query: URLSearchParams;
}

/** The whole report of one version. */
export function ReportOfVersion({ model, version, job, query }: ReportProps): VNode {
  const path = `/models/${encodeURIComponent(model)}/versions/${encodeURIComponent(version)}`;
  const { data: about } = useGet<ModelVersion>(path);
  const { data: report, error } = useGet<Report>(`${path}/report`);
  const table = report && tableOf(report, query.get('task'));
  return html`
    <${PageTop} title=${`${model}, version ${version}`} says=${job ? `Report of job ${job}` : 'What the student kept of its teacher'}>
      <span class="badges">
        ${about?.aliases.map((alias) => html`<${Badge} tone=${alias === 'stable' ? 'good' : 'info'}>${alias}<//>`)}
      </span>
      <a class="button" href=${linkTo(['report', model])}>All versions</a>
      <a class="button" href=${linkTo(['compare', model], { versions: version })}>Compare</a>
      <a class="button" href=${linkTo(['try', model], { version })}>Try it</a>
      <a class="button" href=${linkTo(['rollout', model], { version })}>Rollout</a>
    <//>
    <${Problem} error=${error} />
    ${!report && !error && html`<${Loading} />`}
    ${report && table && html`<${Parts} report=${report} table=${table} version=${Number(version)} query=${query} />`}
  `;
}

interface PartsProps {
  report: Report;
  table: ReportTable;
  version: number;
  query: URLSearchParams;
}

function Parts({ report, table, version, query }: PartsProps): VNode {
  const metric = metricOr(table, query.get('metric'));
  const tasks = taskNames(report);
  const choices = html`<div class="row choices">
    ${
      tasks.length > 1 &&
      html`<${Choice}
        label="Task"
        value=${query.get('task') ?? tasks[0]}
        options=${tasks.map((one) => [one, one] as const)}
        onChange=${(task: string) => setQuery({ task })}
      />`
    }
    ${
      metric !== undefined &&
      html`<${Choice}
        label="Metric"
        value=${metric}
        options=${metricsOf(table).map((one) => [one, metricLabel(one)] as const)}
        onChange=${(next: string) => setQuery({ metric: next })}
      />`
    }
  </div>`;
  return html`<div class="cards">
    <${Verdict} report=${report} table=${table} />
    <div class="wide">${choices}</div>
    ${metric !== undefined && html`<${Models} table=${table} metric=${metric} />`}
    ${metric !== undefined && html`<${Histories} table=${table} metric=${metric} task=${report.task} />`}
    <${Examples} examples=${table.examples} task=${report.task} />
    <${Segments} table=${table} metric=${metric} />
    <${Shown} table=${table} task=${report.task} />
    <${RoundingAndCalibration} table=${table} task=${report.task} />
    ${report.labels && html`<${LabelCard} labels=${report.labels} />`}
    <${SizeAgainstQuality} model=${report.model} live=${null} metric=${query.get('metric')} chosen=${[version]} />
    <${CurveCards} curves=${report.curves} />
    <${Settings} report=${report} table=${table} />
  </div>`;
}
