import { html } from 'htm/preact';
import type { VNode } from 'preact';
import type { LabelTable } from '../../../domain/reports/label-table.ts';
import { Card } from '../../parts/card.ts';
import { fixed, whole } from '../../parts/format.ts';
import { Table } from '../../parts/table.ts';

type Label = LabelTable['each'][number];

/** Each label of a model of labels, those of most entities first. */
export function LabelCard({ labels }: { labels: LabelTable }): VNode {
  return html`<${Card} title="Each label" isWide says=${`Labels of ${labels.of} from ${labels.from}; F1 of the test part, a dash where nobody has it and nobody was given it.`}>
    <${Table}
      label="Each label"
      rows=${labels.each.toSorted((a, b) => b.entities - a.entities)}
      keyOf=${(row: Label) => row.label}
      columns=${[
        { title: 'Label', kind: 'main', of: (row: Label) => row.label },
        { title: 'Have it', kind: 'number', of: (row: Label) => whole(row.entities) },
        {
          title: 'From probability',
          kind: 'number',
          of: (row: Label) => fixed(row.threshold, 2),
          isExtra: true,
        },
        { title: 'Teacher F1', kind: 'number', of: (row: Label) => fixed(row.f1.teacher, 3) },
        { title: 'Student F1', kind: 'number', of: (row: Label) => fixed(row.f1.student, 3) },
        {
          title: 'Frequencies F1',
          kind: 'number',
          of: (row: Label) => fixed(row.f1.frequency, 3),
          isExtra: true,
        },
      ]}
    />
    ${labels.leftOut.length > 0 && html`<p class="faint">Not learnt: ${labels.leftOut.map(({ label, count, reason }) => `${label} (${reason}, ${count})`).join(', ')}.</p>`}
  <//>`;
}
