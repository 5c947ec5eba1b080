import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { Stats } from '../../domain/data/stats.ts';
import { useGet } from '../hooks.ts';
import { Card, PageTop } from '../parts/card.ts';
import { Empty, Loading } from '../parts/empty.ts';
import { Problem } from '../parts/notice.ts';
import { Time } from '../parts/time.ts';
import { Drop } from './data/drop.ts';
import { EventTypes } from './data/event-types.ts';
import { ImportPanel } from './data/import-panel.ts';
import { useRecount } from './data/recount.ts';
import { Shape } from './data/shape.ts';
import './work.css';

const EVERY_MS = 60_000;

/** Stored data with its meaning, and the way in for more. */
export function Data(): VNode {
  const stats = useGet<Stats>('/stats', EVERY_MS);
  const onStored = useRecount(stats);
  const [file, setFile] = useState<File | null>(null);
  return html`
    <${PageTop} title="Data" says="What there is to learn from, and what it means.">
      <a class="button" href="#/new-job">New job</a>
    <//>
    <div class="cards">
      ${
        file
          ? html`<${ImportPanel} key=${`${file.name} ${file.lastModified}`} file=${file} onClose=${() => setFile(null)} onStored=${onStored} />`
          : html`<${Card} isWide=${true}><${Drop} onFile=${setFile} /><//>`
      }
      <div class="wide"><${Problem} error=${stats.error} /></div>
      ${!stats.data && !stats.error && html`<${Loading} />`}
      ${stats.data && html`<${Known} stats=${stats.data} reload=${stats.reload} />`}
    </div>
  `;
}

function Known({ stats, reload }: { stats: Stats; reload: () => void }): VNode {
  if (stats.interactions.total === 0 && stats.catalogue.items === 0)
    return html`<div class="wide"><${Empty} title="No data yet">
      <p>Drop a file above, or send rows to POST /interactions.</p>
      <p class="faint">Counted <${Time} at=${stats.computedAt} />; the api counts anew at most once a minute, and this page asks again then.</p>
    <//></div>`;
  return html`<${Shape} stats=${stats} /><${EventTypes} stats=${stats} onChange=${reload} />`;
}
