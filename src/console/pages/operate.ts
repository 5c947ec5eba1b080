import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { useGet } from '../hooks.ts';
import { Card, PageTop } from '../parts/card.ts';
import { Loading } from '../parts/empty.ts';
import { Problem } from '../parts/notice.ts';
import { Table } from '../parts/table.ts';
import { Time } from '../parts/time.ts';

interface Worker {
  id: string;
  host: string;
  seenAt: string;
}

/** Who works, and what is set. */
export function Operate(): VNode {
  const { data, error } = useGet<{ data: Worker[] }>('/workers', 10_000);
  return html`
    <${PageTop} title="Operate" />
    <${Card} title="Workers">
      <${Problem} error=${error} />
      ${
        data === null
          ? html`<${Loading} />`
          : html`<${Table}
              label="Workers"
              keyOf=${(worker: Worker) => worker.id}
              rows=${data.data}
              columns=${[
                { title: 'Host', of: (worker: Worker) => worker.host, kind: 'main' },
                { title: 'Heard of', of: (worker: Worker) => html`<${Time} at=${worker.seenAt} />` },
              ]}
            />`
      }
    <//>
  `;
}
