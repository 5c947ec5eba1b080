import { html } from 'htm/preact';
import type { VNode } from 'preact';
import type { Recommendation, RecommendedItem } from '../../../domain/answers/recommendation.ts';
import { Card } from '../../parts/card.ts';
import { Loading } from '../../parts/empty.ts';
import { fixed, percent } from '../../parts/format.ts';
import { Badge, Notice, Problem } from '../../parts/notice.ts';
import { ItemName, type Titles, useTitles } from '../versions/titles.ts';
import { type Bar, contributionBars, scoreBars } from './bars.ts';
import type { Answered } from './use-answer.ts';

interface ListProps {
  title: string;
  answer: Answered;
  /** The answer beside it, to mark what only one of the two shows. */
  other: Answered | null;
  isExplained: boolean;
}

/** The list that came back, with scores as bars and what speaks for each item. */
export function List({ title, answer: { data, error }, other, isExplained }: ListProps): VNode {
  const items = data?.items ?? [];
  const titles = useTitles(items.flatMap(({ because = [] }) => because.map(({ itemId }) => itemId)));
  const bars = scoreBars(items);
  const most = Math.max(
    1e-12,
    ...items.flatMap(({ because = [] }) => because.map(({ contribution }) => contribution)),
  );
  const isOnly = (id: string) => other?.data?.items.every(({ itemId }) => itemId !== id) ?? false;
  return html`<${Card} title=${title} aside=${data && html`<${Source} answer=${data} />`}>
    <${Problem} error=${error} />
    ${!data && !error && html`<${Loading} />`}
    ${data?.reason && html`<p class="faint">${data.reason}</p>`}
    ${data?.warnings?.map(({ detail }) => html`<${Notice} tone="warn">${detail}<//>`)}
    <ol class="recommended" aria-label=${`Items of ${title}`}>
      ${items.map(
        (item, i) => html`<li key=${item.itemId} class=${isOnly(item.itemId) ? 'only' : ''}>
          <div class="recommended-top">
            <span>${item.title ?? html`<span class="item-id">${item.itemId}</span>`}</span>
            ${isOnly(item.itemId) && html`<${Badge}>only here<//>`}
            ${item.source && item.source !== data?.source && html`<${Badge} tone="quiet">${item.source}<//>`}
            <span class="number">${data?.scores === 'probability' ? percent(item.score, 2) : fixed(item.score, 3)}</span>
          </div>
          <${Track} bar=${bars[i]!} />
          ${isExplained && html`<${Because} item=${item} titles=${titles} most=${most} />`}
        </li>`,
      )}
    </ol>
    ${data && items.length === 0 && html`<p>No item fits.</p>`}
  <//>`;
}

function Source({ answer: { source, model, variant } }: { answer: Recommendation }): VNode {
  return html`<span class="badges">
    <${Badge} tone=${source === 'student' ? 'good' : 'warn'}>${source}<//>
    ${model && html`<span class="faint">version ${model.version}${variant ? `, variant ${variant.name}` : ''}</span>`}
  </span>`;
}

const WIDTH = 200;

function Track({ bar: { from, to, text }, kind = 'score' }: { bar: Bar; kind?: string }): VNode {
  return html`<svg class=${`track ${kind}`} viewBox=${`0 0 ${WIDTH} 4`} preserveAspectRatio="none" role="img" aria-label=${text}>
    <title>${text}</title>
    <rect class="back" width=${WIDTH} height="4" />
    <rect x=${from * WIDTH} width=${Math.max(1, (to - from) * WIDTH)} height="4" />
  </svg>`;
}

function Because({
  item,
  titles,
  most,
}: {
  item: RecommendedItem;
  titles: Titles;
  most: number;
}): VNode | null {
  const { because = [] } = item;
  if (because.length === 0) return null;
  const bars = contributionBars(because, most);
  return html`<ul class="because" aria-label="What speaks for it">
    ${because.map(
      ({ itemId }, i) => html`<li key=${itemId}>
        <span><${ItemName} id=${itemId} titles=${titles} /></span>
        <${Track} bar=${bars[i]!} kind="because-track" />
      </li>`,
    )}
  </ul>`;
}
