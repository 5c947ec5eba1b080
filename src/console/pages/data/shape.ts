import { html } from 'htm/preact';
import type { VNode } from 'preact';
import type { Distribution, Stats } from '../../../domain/data/stats.ts';
import { Card, Facts, Figure } from '../../parts/card.ts';
import { Chart } from '../../parts/chart.ts';
import { counted, fixed, percent, whole } from '../../parts/format.ts';
import { Histogram } from '../../parts/histogram.ts';
import { Notice } from '../../parts/notice.ts';
import { Time } from '../../parts/time.ts';
import { growthSeries } from './growth.ts';

const day = (time: string | null) => (time === null ? '–' : time.slice(0, 10));

/** Counts, growth and distributions of the stored data. */
export function Shape({ stats }: { stats: Stats }): VNode {
  const { interactions, users, items, density, historyLength, itemPopularity } = stats;
  const undated = interactions.total === 0 ? 0 : interactions.withoutTimestamp / interactions.total;
  return html`
    <${Card} isWide=${true}>
      <div class="figures">
        <${Figure} name="interactions" value=${whole(interactions.total)}>
          ${day(interactions.first)} to ${day(interactions.last)}
        <//>
        <${Figure} name="users with any" value=${whole(users)} />
        <${Figure} name="items with any" value=${whole(items)} />
        <${Figure} name="density" value=${percent(density, density < 0.01 ? 3 : 1)} />
        <${Figure} name="without a time" value=${whole(interactions.withoutTimestamp)}>${percent(undated)}<//>
        <${Figure} name="catalogue" value=${whole(stats.catalogue.items)}>${stats.catalogue.items === 1 ? 'item' : 'items'}, ${counted(stats.catalogue.users, 'user')} with features<//>
      </div>
      <p class="faint">Counted <${Time} at=${stats.computedAt} />; the api counts anew at most once a minute.</p>
    <//>
    ${undated > 0.5 && html`<div class="wide"><${Notice} tone="warn">Most interactions have no time: splits by time and whatever ages cannot use them.<//></div>`}
    <${GrowthCard} interactions=${interactions} />
    <${Spread} title="Lengths of histories" one="user" of=${historyLength} label="Users by number of their interactions" />
    <${Spread} title="Popularity of items" one="item" of=${itemPopularity} label="Items by number of their interactions" />
    <${Card} title="Head and cold">
      <${Facts}
        rows=${[
          ['Share of the top 1 % of items', percent(stats.topItemsShare['1%'])],
          ['Share of the top 10 %', percent(stats.topItemsShare['10%'])],
          ['Share of the top 20 %', percent(stats.topItemsShare['20%'])],
          ['Users with fewer than 5', amount(stats.cold.usersBelow5)],
          ['Items with fewer than 5', amount(stats.cold.itemsBelow5)],
          ['Catalogue items nobody took', amount(stats.cold.itemsWithoutInteractions)],
          [
            'Items outside the catalogue',
            `${whole(stats.catalogue.unlisted.count)}${stats.catalogue.unlisted.count > 0 ? `, ${stats.catalogue.unlisted.recommended ? '' : 'not '}recommended` : ''}`,
          ],
        ]}
      />
    <//>
  `;
}

const amount = ({ count, share }: { count: number; share: number }) => `${whole(count)} (${percent(share)})`;

function GrowthCard({ interactions }: Pick<Stats, 'interactions'>): VNode | null {
  const { times, counts, totals } = growthSeries(interactions.growth);
  if (times.length < 2) return null;
  return html`<${Card} title=${`Interactions by ${interactions.growth.unit}`} isWide=${true}>
    <div class="loops">
      <${Chart} label=${`Interactions by ${interactions.growth.unit}`} x=${times} xKind="time" curves=${[{ label: 'new', values: counts }]} height=${170} formatY=${whole} />
      <${Chart} label="Interactions in all" x=${times} xKind="time" curves=${[{ label: 'in all', values: totals }]} height=${170} formatY=${whole} />
    </div>
  <//>`;
}

interface SpreadProps {
  title: string;
  /** Word for one of those that are counted. */
  one: string;
  of: Distribution;
  label: string;
}

function Spread({ title, one, of, label }: SpreadProps): VNode | null {
  if (of.count === 0) return null;
  return html`<${Card} title=${title} says=${`${counted(of.count, one)}; both axes are logarithmic.`}>
    <${Histogram} bins=${of.histogram} label=${label} />
    <${Facts}
      rows=${[
        ['Mean', fixed(of.mean, 1)],
        ['Median', whole(of.median)],
        ['90 % have at most', whole(of.p90)],
        ['99 % have at most', whole(of.p99)],
        ['Most', whole(of.max)],
      ]}
    />
  <//>`;
}
