import { html } from 'htm/preact';
import type { VNode } from 'preact';
import type { Online } from '../../../domain/traffic/online.ts';
import { Card } from '../../parts/card.ts';
import { counted, fixed, percent, signed, whole } from '../../parts/format.ts';
import { axisOf, IntervalBar } from '../../parts/interval-bar.ts';
import { Badge } from '../../parts/notice.ts';
import { Table } from '../../parts/table.ts';

type ExperimentView = NonNullable<Online['experiment']>;
type Variant = ExperimentView['variants'][number];
type Shadow = Online['shadows'][number];

const TONES = { better: 'good', worse: 'bad', open: 'quiet', 'too-few': 'quiet' } as const;

/** The comparison of an experiment so far; its intervals hold whenever one looks. */
export function Experiment({ experiment }: { experiment: ExperimentView }): VNode {
  const { comparisons, variants, test } = experiment;
  const of = (name: string) => comparisons.find(({ variant }) => variant === name);
  const axis = axisOf(
    comparisons.flatMap(({ difference }) => [difference?.low, difference?.high]),
    0,
  );
  return html`<${Card}
    title=${`Experiment ${experiment.experiment}`}
    isWide
    says=${`By ${test.metric} of each user. Intervals hold at all times at once: look as often as you like.`}
    aside=${html`<${Badge} tone=${experiment.state === 'running' ? 'good' : 'quiet'}>${experiment.state}<//>`}
  >
    <${Table}
      label="Variants of the experiment"
      rows=${variants}
      keyOf=${(row: Variant) => row.name}
      columns=${[
        {
          title: 'Variant',
          kind: 'main',
          of: (row: Variant) => `${row.name}${row.version === null ? '' : ` (version ${row.version})`}`,
        },
        { title: 'Users', kind: 'number', of: (row: Variant) => whole(row.users) },
        { title: 'Mean', kind: 'number', of: (row: Variant) => fixed(row.mean) },
        {
          title: 'Less stable',
          of: (row: Variant) => {
            const difference = of(row.name)?.difference;
            return (
              difference &&
              html`<span class="with-bar">
              <${IntervalBar} value=${difference.estimate} low=${difference.low} high=${difference.high} ...${axis} mark=${0} format=${signed} />
              ${signed(difference.estimate)} <span class="faint">${signed(difference.low)} to ${signed(difference.high)}, p ${fixed(difference.pValue, 3)}</span>
            </span>`
            );
          },
        },
        {
          title: 'So far',
          of: (row: Variant) => {
            const verdict = of(row.name)?.verdict;
            return (
              verdict &&
              html`<${Badge} tone=${TONES[verdict]}>${verdict === 'too-few' ? `fewer than ${counted(test.minimumUsers, 'user')}` : verdict}<//>`
            );
          },
        },
      ]}
    />
  <//>`;
}

/** Versions that run along and are shown to nobody. */
export function Shadows({ shadows }: { shadows: readonly Shadow[] }): VNode {
  return html`<${Card} title="Shadows" isWide says="Asked after stable has answered; nobody sees what they say.">
    <${Table}
      label="Shadows"
      rows=${shadows}
      keyOf=${(row: Shadow) => `${row.version} ${row.liveVersion}`}
      columns=${[
        { title: 'Version', kind: 'main', of: (row: Shadow) => `${row.version} beside ${row.liveVersion}` },
        { title: 'Asked', kind: 'number', of: (row: Shadow) => whole(row.asked) },
        { title: 'Dropped', kind: 'number', of: (row: Shadow) => whole(row.dropped), isExtra: true },
        { title: 'Failed', kind: 'number', of: (row: Shadow) => whole(row.failed) },
        { title: 'Would show of the same', kind: 'number', of: (row: Shadow) => percent(row.overlap) },
        {
          title: 'Its p99',
          kind: 'number',
          of: (row: Shadow) => (row.microseconds ? `${whole(row.microseconds.p99)} µs` : '–'),
        },
        {
          title: 'Live p99',
          kind: 'number',
          of: (row: Shadow) => (row.liveMicroseconds ? `${whole(row.liveMicroseconds.p99)} µs` : '–'),
        },
      ]}
    />
  <//>`;
}
