import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { ModelVersion } from '../../../domain/answers/model.ts';
import { useGet } from '../../hooks.ts';
import { Card } from '../../parts/card.ts';
import { Choice } from '../../parts/field.ts';
import { bytes, fixed, whole } from '../../parts/format.ts';
import { axisOf, IntervalBar } from '../../parts/interval-bar.ts';
import { Badge, Notice, Problem } from '../../parts/notice.ts';
import { Table } from '../../parts/table.ts';
import { linkTo, setQuery } from '../../router.ts';
import { refusedBy } from '../versions/gate.ts';
import { type AliasRow, type Move, MoveAlias } from '../versions/move-alias.ts';
import { type VersionPoint, withFront } from '../versions/points.ts';
import { metricLabel } from '../versions/report-table.ts';
import { Scatter } from '../versions/scatter.ts';
import { sharedMetrics, sizesOf, type VersionReport, whyApart } from './compared.ts';

interface FrontProps {
  model: string;
  reports: readonly VersionReport[];
  metric: string | null;
}

/** Quality, bytes and time of the chosen versions, which of them no other beats, and the button that makes one live. */
export function Front({ model, reports, metric }: FrontProps): VNode {
  const metrics = sharedMetrics(reports);
  const by = metric !== null && metrics.includes(metric) ? metric : metrics[0];
  if (by === undefined) {
    return html`<${Card} title="Quality, bytes and time" isWide>
      <p class="faint">The reports have no metric in common, so that there is no front.</p>
    <//>`;
  }
  const apart = whyApart(reports);
  return html`<${Card}
    title="Quality, bytes and time"
    isWide
    says="On the front are those that no other beats in all three; times that are no more than a tenth apart count as equal."
    aside=${html`<${Choice}
      label=${html`<span class="unseen">Metric</span>`}
      value=${by}
      options=${metrics.map((one) => [one, metricLabel(one)] as const)}
      onChange=${(next: string) => setQuery({ metric: next })}
    />`}
  >
    ${
      apart.length > 0 &&
      html`<${Notice} tone="warn">${apart.join(' ')} Each figure below is of its own test: trust the paired differences.<//>`
    }
    <${Points} model=${model} points=${withFront(sizesOf(reports, by), by)} metric=${by} />
  <//>`;
}

interface PointsProps {
  model: string;
  points: readonly VersionPoint[];
  metric: string;
}

function Points({ model, points, metric }: PointsProps): VNode {
  const path = `/models/${encodeURIComponent(model)}`;
  const { data, error, reload } = useGet<{ data: AliasRow[] }>(`${path}/aliases`);
  const [move, setMove] = useState<Move | null>(null);
  const stable = data?.data.find(({ alias }) => alias === 'stable') ?? null;
  const live = ({ version }: VersionPoint) =>
    version === stable?.version
      ? html`<${Badge} tone="good">stable<//>`
      : html`<${Publish} path=${path} version=${version} onMove=${setMove} isReady=${data !== null} />`;
  return html`
    <${Scatter}
      points=${points}
      metric=${metricLabel(metric)}
      live=${stable?.version ?? null}
      hrefOf=${(version: number) => linkTo(['report', model, version])}
    />
    <${Problem} error=${error} />
    <${Table}
      label="Quality, bytes and time"
      rows=${points}
      keyOf=${(row: VersionPoint) => row.version}
      columns=${columnsOf(model, points, metric, live)}
    />
    <${MoveAlias} model=${model} name="stable" alias=${stable} move=${move} onClose=${() => setMove(null)} onChanged=${reload} />
  `;
}

function columnsOf(
  model: string,
  points: readonly VersionPoint[],
  metric: string,
  live: (row: VersionPoint) => VNode,
) {
  const axis = axisOf(points.flatMap(({ low, high }) => [low, high]));
  return [
    {
      title: 'Version',
      kind: 'main',
      of: ({ version }: VersionPoint) =>
        html`<a href=${linkTo(['report', model, version])}>Version ${version}</a>`,
    },
    {
      title: 'Place',
      of: ({ isFront }: VersionPoint) =>
        html`<${Badge} tone=${isFront ? 'good' : 'quiet'}>${isFront ? 'front' : 'beaten'}<//>`,
    },
    {
      title: 'Interval',
      of: ({ value, low, high }: VersionPoint) =>
        html`<${IntervalBar} value=${value} low=${low} high=${high} ...${axis} />`,
    },
    { title: metricLabel(metric), kind: 'number', of: ({ value }: VersionPoint) => fixed(value) },
    { title: 'Bytes', kind: 'number', of: (row: VersionPoint) => bytes(row.bytes) },
    {
      title: 'p50',
      kind: 'number',
      of: ({ microseconds }: VersionPoint) =>
        microseconds === null ? 'not measured' : `${whole(microseconds)} µs`,
    },
    { title: 'Live', of: live },
  ];
}

interface PublishProps {
  path: string;
  version: number;
  isReady: boolean;
  onMove: (move: Move) => void;
}

function Publish({ path, version, isReady, onMove }: PublishProps): VNode {
  const { data } = useGet<ModelVersion>(`${path}/versions/${version}`);
  return html`<button
    type="button"
    disabled=${!isReady || data === null}
    onClick=${() => onMove({ kind: 'to', version, refusedBy: refusedBy(data?.promotion) })}
  >
    Publish<span class="unseen"> version ${version}</span>
  </button>`;
}
