import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { EventMeaning } from '../../../domain/data/event-meaning.ts';
import type { Stats } from '../../../domain/data/stats.ts';
import { useGet } from '../../hooks.ts';
import { Card } from '../../parts/card.ts';
import { Empty } from '../../parts/empty.ts';
import { percent, whole } from '../../parts/format.ts';
import { Badge, Notice, Problem, type Tone } from '../../parts/notice.ts';
import { Table } from '../../parts/table.ts';
import type { EventType } from './event-type.ts';
import { MeaningDialog } from './meaning-dialog.ts';

interface Row {
  type: string;
  rows: number;
  /** Null where nobody says what it means. */
  meaning: EventType | null;
}

const TONES: Record<EventMeaning['meaning'], Tone | 'quiet'> = {
  positive: 'good',
  negative: 'bad',
  neutral: 'info',
  ignored: 'quiet',
};

/** Types of interactions with what they mean, which can be changed here. */
export function EventTypes({ stats, onChange }: { stats: Stats; onChange: () => void }): VNode {
  const types = useGet<{ data: EventType[] }>('/event-types');
  const [edited, setEdited] = useState<Row | null>(null);
  const { byType, total, dislikedSince } = stats.interactions;
  const known = types.data?.data ?? [];
  const names = [...new Set([...Object.keys(byType), ...known.map(({ type }) => type)])];
  const rows = names
    .map(
      (type): Row => ({
        type,
        rows: byType[type] ?? 0,
        meaning: known.find((one) => one.type === type) ?? null,
      }),
    )
    .sort((a, b) => b.rows - a.rows);
  const done = () => {
    types.reload();
    onChange();
  };
  return html`<${Card} title="Types of interactions" says="What each type means. A change counts at once, and in every job from now on." isWide=${true}>
    <${Problem} error=${types.error} />
    ${dislikedSince.map(
      ({ type, model, version }) => html`<${Notice} tone="warn">
        ${type} is disliking by now, and version ${version} of ${model} was trained with it as something else. Its answers follow the
        declaration; what it has learned does from the next training on.
      <//>`,
    )}
    ${
      rows.length === 0
        ? html`<${Empty} title="No interactions yet" />`
        : html`<${Table} label="Types of interactions" rows=${rows} keyOf=${({ type }: Row) => type} columns=${columnsOf(total, setEdited)} />`
    }
    ${edited && html`<${MeaningDialog} key=${edited.type} type=${edited.type} known=${edited.meaning} onClose=${() => setEdited(null)} onDone=${done} />`}
  <//>`;
}

function columnsOf(total: number, edit: (row: Row) => void) {
  return [
    { title: 'Type', kind: 'main', of: ({ type }: Row) => html`<code class="value">${type}</code>` },
    { title: 'Rows', kind: 'number', of: ({ rows }: Row) => whole(rows) },
    {
      title: 'Share',
      kind: 'number',
      isExtra: true,
      of: ({ rows }: Row) => percent(total === 0 ? 0 : rows / total),
    },
    { title: 'Means', of: ({ meaning }: Row) => meaningOf(meaning) },
    { title: 'Weight', kind: 'number', isExtra: true, of: ({ meaning }: Row) => meaning?.weight ?? '' },
    { title: 'Value', isExtra: true, of: ({ meaning }: Row) => (meaning ? valueUse(meaning) : '') },
    {
      title: 'Said by',
      isExtra: true,
      of: ({ meaning }: Row) => (meaning ? { declared: 'you', usual: 'its name' }[meaning.source] : 'nobody'),
    },
    {
      title: 'Change',
      of: (row: Row) =>
        html`<button onClick=${() => edit(row)}>${row.meaning ? 'Change' : 'Declare'}<span class="unseen"> ${row.type}</span></button>`,
    },
  ];
}

function meaningOf(meaning: EventType | null): VNode {
  if (!meaning) return html`<${Badge} tone="warn">does not count<//>`;
  return html`<${Badge} tone=${TONES[meaning.meaning]}>${meaning.meaning}<//>`;
}

function valueUse({ value, scale }: EventMeaning): string {
  const of = scale ? ` of ${scale.min} to ${scale.max}` : '';
  const from = value.from ?? scale?.likedFrom;
  if (value.as === 'threshold') return `liked from ${from ?? 'its scale on'}${of}`;
  return value.as === 'none' ? 'not read' : `${value.as}${of}`;
}
