import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { Online } from '../../../domain/traffic/online.ts';
import { useGet } from '../../hooks.ts';
import { Card } from '../../parts/card.ts';
import { Empty, Loading } from '../../parts/empty.ts';
import { Choice } from '../../parts/field.ts';
import { fixed, percent, whole } from '../../parts/format.ts';
import { axisOf, IntervalBar } from '../../parts/interval-bar.ts';
import { Problem } from '../../parts/notice.ts';
import { Table } from '../../parts/table.ts';
import { DayChart } from './day-chart.ts';
import {
  linesOf,
  type OnlineVersion,
  onlineName,
  RATE_TITLES,
  RATES,
  type RateName,
  rateOf,
} from './days.ts';
import { Experiment, Shadows } from './experiment.ts';

/** Cards on what users do with the lists of each version, over all and day by day. */
export function OnlineResults({ model }: { model: string }): VNode {
  const [days, setDays] = useState('30');
  const [rate, setRate] = useState<RateName>('clickThrough');
  const { data, error } = useGet<Online>(
    `/models/${encodeURIComponent(model)}/online?days=${days}&byDay=true`,
    30_000,
  );
  return html`
    ${data?.experiment && html`<${Experiment} experiment=${data.experiment} />`}
    <${Card}
      title="What users do"
      isWide
      says=${data ? saysOf(data) : null}
      aside=${html`<div class="row">
        <${Choice} label=${html`<span class="unseen">Rate</span>`} value=${rate} options=${RATES.map((one) => [one, RATE_TITLES[one]] as const)} onChange=${setRate} />
        <${Choice} label=${html`<span class="unseen">Days</span>`} value=${days} options=${[['7', '7 days'], ['30', '30 days'], ['90', '90 days'], ['365', 'a year']]} onChange=${setDays} />
      </div>`}
    >
      <${Problem} error=${error} />
      ${!data && !error && html`<${Loading} />`}
      ${data && (data.versions.length === 0 ? html`<${Nothing} />` : html`<${Rates} data=${data} rate=${rate} />`)}
    <//>
    ${data && data.shadows.length > 0 && html`<${Shadows} shadows=${data.shadows} />`}
  `;
}

const saysOf = ({ sampleRate }: Online): string =>
  `Of a sample of ${sampleRate === null ? 'the lists' : `${percent(sampleRate, 0)} of the lists`} that were served, and of all users that an experiment counts. The intervals are for one look; an experiment decides by its own.`;

function Nothing(): VNode {
  return html`<${Empty} title="Nothing was served in this time">
    <p>Counting begins with the first list. Send its <code>recommendationId</code> with what users do, so that clicks are known.</p>
  <//>`;
}

const formatOf = (rate: RateName) => (value: number | null) =>
  rate === 'clickThrough' ? percent(value, 2) : fixed(value, 3);

function Rates({ data, rate }: { data: Online; rate: RateName }): VNode {
  const format = formatOf(rate);
  const axis = axisOf(
    data.versions.flatMap((row) => [rateOf(row, rate).low, rateOf(row, rate).high, rateOf(row, rate).value]),
  );
  const { days, lines } = linesOf(data.byDay ?? [], rate);
  return html`
    <${Table}
      label="Rates by version"
      rows=${data.versions}
      keyOf=${onlineName}
      columns=${[
        { title: 'Version', kind: 'main', of: onlineName },
        { title: 'Users', kind: 'number', of: (row: OnlineVersion) => whole(row.users) },
        { title: 'Lists', kind: 'number', of: (row: OnlineVersion) => whole(row.served) },
        { title: 'Clicked', kind: 'number', of: (row: OnlineVersion) => whole(row.clicked), isExtra: true },
        {
          title: 'Interval',
          of: (row: OnlineVersion) =>
            html`<${IntervalBar} ...${rateOf(row, rate)} ...${axis} format=${format} />`,
        },
        {
          title: RATE_TITLES[rate],
          kind: 'number',
          of: (row: OnlineVersion) => format(rateOf(row, rate).value),
        },
      ]}
    />
    <${DayChart} label=${`${RATE_TITLES[rate]} by day`} days=${days} lines=${lines} format=${format} />
  `;
}
