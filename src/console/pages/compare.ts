import './versions/versions.css';
import { html } from 'htm/preact';
import type { VNode } from 'preact';
import type { ModelVersion } from '../../domain/answers/model.ts';
import { Card } from '../parts/card.ts';
import { Empty } from '../parts/empty.ts';
import { bytes, fixed } from '../parts/format.ts';
import { PagedTable } from '../parts/paged-table.ts';
import { Time } from '../parts/time.ts';
import { type Place, setQuery } from '../router.ts';
import { Comparison } from './compare/comparison.ts';
import { OfModel } from './versions/choose-model.ts';
import { Names } from './versions/names.ts';
import { metricsOfVersions } from './versions/points.ts';

/** Versions that are compared at a time. */
const MOST = 4;

/** Two to four versions beside each other: `#/compare/MODEL?versions=3,4`. The first one is what the others are set against. */
export function Compare({ rest: [name], query }: Place): VNode {
  return html`<${OfModel}
    page="compare"
    title="Compare"
    says="Two to four versions of a model: what differs, for certain or not, and why."
    name=${name}
  >
    ${({ name: model }: { name: string }) => html`<${CompareOfModel} model=${model} query=${query} />`}
  <//>`;
}

/** Numbers of versions in an address, each once and at most four. */
function chosenIn(query: URLSearchParams): number[] {
  const numbers = (query.get('versions') ?? '').split(',').map(Number);
  return [...new Set(numbers.filter((one) => Number.isInteger(one) && one > 0))].slice(0, MOST);
}

function CompareOfModel({ model, query }: { model: string; query: URLSearchParams }): VNode {
  const chosen = chosenIn(query);
  return html`<div class="cards">
    <${Choose} model=${model} chosen=${chosen} />
    ${
      chosen.length < 2
        ? html`<div class="wide"><${Empty} title=${chosen.length === 0 ? 'Choose two to four versions above' : 'Choose one more version'} /></div>`
        : html`<${Comparison} key=${chosen.join(',')} model=${model} chosen=${chosen} query=${query} />`
    }
  </div>`;
}

function Choose({ model, chosen }: { model: string; chosen: readonly number[] }): VNode {
  const choose = (versions: readonly number[]) => setQuery({ versions: versions.join(',') });
  const toggle = (version: number) =>
    choose(chosen.includes(version) ? chosen.filter((one) => one !== version) : [...chosen, version]);
  const box = ({ version }: ModelVersion) => html`<label class="pick">
    <input
      type="checkbox"
      checked=${chosen.includes(version)}
      disabled=${chosen.length >= MOST && !chosen.includes(version)}
      onChange=${() => toggle(version)}
    />
    Version ${version}
  </label>`;
  const metricOf = ({ summary, version, bytes: size }: ModelVersion) =>
    metricsOfVersions([{ summary, version, bytes: size }])[0] ?? '';
  return html`<${Card}
    title="Versions"
    isWide
    aside=${html`<span class="badges">
      ${chosen.map(
        (version, i) => html`<button
          key=${version}
          type="button"
          title=${i === 0 ? 'The others are set against this one. Press to take it out' : 'Press to take it out'}
          onClick=${() => toggle(version)}
        >
          Version ${version}${i === 0 ? ', the measure' : ''} ×
        </button>`,
      )}
      ${chosen.length > 1 && html`<button type="button" class="quiet" onClick=${() => choose([...chosen.slice(1), chosen[0]!])}>Change the measure</button>`}
    </span>`}
  >
    <${PagedTable}
      path=${`/models/${encodeURIComponent(model)}/versions`}
      limit=${8}
      label=${`Versions of ${model} to choose from`}
      keyOf=${(row: ModelVersion) => row.version}
      isChosen=${(row: ModelVersion) => chosen.includes(row.version)}
      columns=${[
        { title: 'Version', kind: 'main', of: box },
        { title: 'Made', of: (row: ModelVersion) => html`<${Time} at=${row.createdAt} />` },
        { title: 'Names', of: (row: ModelVersion) => html`<${Names} version=${row} />` },
        {
          title: 'Student',
          kind: 'number',
          of: (row: ModelVersion) => fixed(row.summary.metrics.student?.[metricOf(row)]),
        },
        { title: 'Bytes', kind: 'number', of: (row: ModelVersion) => bytes(row.bytes) },
        {
          title: 'Dimensions',
          kind: 'number',
          of: (row: ModelVersion) => String(row.dimensions),
          isExtra: true,
        },
      ]}
    />
  <//>`;
}
