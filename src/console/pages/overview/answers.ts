import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { Card } from '../../parts/card.ts';
import { Empty, Loading } from '../../parts/empty.ts';
import { counted, percent, whole } from '../../parts/format.ts';
import { ShareBar } from '../../parts/share-bar.ts';
import { Table } from '../../parts/table.ts';
import { Time } from '../../parts/time.ts';
import type { Answered, AnsweredRow } from './shapes.ts';

/** Meaning of each `reasonCode`, for people. */
const REASONS: Record<string, string> = {
  'no-model': 'no model is live',
  'no-usable-version': 'no version could be loaded',
  'unknown-user': 'nothing is known of the user',
  'empty-session': 'the session is empty',
  'nothing-counts': 'nothing in the history counts',
  'few-personal': 'too few items fit; popular ones follow',
  'few-fit': 'no more items fit',
  'shown-often': 'the rest was shown often enough',
  padded: 'filled up',
  exhausted: 'all pages were shown',
};
const MOST_ROWS = 8;

/** Where lists came from since this api process was started. */
export function Answers({ answered }: { answered: Answered | null }): VNode {
  const title = 'Recommendations by source';
  if (!answered) return html`<${Card} title=${title}><${Loading} /><//>`;
  const { data, since } = answered;
  const total = data.reduce((sum, { count }) => sum + count, 0);
  const shareOf = ({ count }: AnsweredRow) => count / Math.max(1, total);
  return html`<${Card}
    title=${title}
    says=${html`${counted(total, 'list')} since this api process was started, <${Time} at=${since} />.`}
  >
    ${
      total === 0
        ? html`<${Empty} title="Nobody has asked yet"><a href="#/try">Ask for a list</a><//>`
        : html`<${Table}
            label=${title}
            rows=${data.slice(0, MOST_ROWS)}
            keyOf=${({ model, version, source, reason }: AnsweredRow) => [model, version, source, reason].join()}
            columns=${[
              {
                title: 'Source',
                kind: 'main',
                of: (row: AnsweredRow) => html`${row.source}<${Why} row=${row} />`,
              },
              { title: 'Lists', kind: 'number', of: ({ count }: AnsweredRow) => whole(count) },
              { title: 'Share', kind: 'number', of: (row: AnsweredRow) => percent(shareOf(row)) },
              {
                title: '',
                isExtra: true,
                of: (row: AnsweredRow) => html`<${ShareBar} share=${shareOf(row)} />`,
              },
            ]}
          />`
    }
    ${data.length > MOST_ROWS && html`<p class="faint">And ${data.length - MOST_ROWS} rarer kinds.</p>`}
  <//>`;
}

function Why({ row: { model, version, reason } }: { row: AnsweredRow }): VNode {
  const by = model === null ? '' : `${model} ${version}`;
  const why = reason === null ? '' : (REASONS[reason] ?? reason);
  return html`<span class="faint">${' '}${[by, why].filter(Boolean).join(': ')}</span>`;
}
