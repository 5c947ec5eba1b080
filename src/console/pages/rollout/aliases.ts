import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { Got } from '../../hooks.ts';
import { Card } from '../../parts/card.ts';
import { Loading } from '../../parts/empty.ts';
import { Badge, Notice, Problem } from '../../parts/notice.ts';
import { PagedTable } from '../../parts/paged-table.ts';
import { Table } from '../../parts/table.ts';
import { Time } from '../../parts/time.ts';
import { linkTo } from '../../router.ts';
import { type AliasRow, type Move, MoveAlias } from '../versions/move-alias.ts';

interface AliasesProps {
  model: string;
  aliases: Got<{ data: AliasRow[] }>;
  /** Alias whose history is shown. */
  shown: string;
}

/** Where the aliases of a model point, how they came there, and the way back. */
export function Aliases({ model, aliases: { data, error, reload }, shown }: AliasesProps): VNode {
  const [moving, setMoving] = useState<{ alias: AliasRow; move: Move } | null>(null);
  const rows = data?.data ?? [];
  return html`
    <${Card} title="Aliases" says="Requests that name no version are answered by stable.">
      <${Problem} error=${error} />
      ${data === null && !error && html`<${Loading} />`}
      ${
        data !== null &&
        rows.every(({ alias }) => alias !== 'stable') &&
        html`<${Notice} tone="warn">Nothing is stable: popular items answer for this model. Promote a version below.<//>`
      }
      <${Table}
        label="Aliases"
        rows=${rows}
        keyOf=${(row: AliasRow) => row.alias}
        isChosen=${(row: AliasRow) => row.alias === shown}
        columns=${[
          {
            title: 'Alias',
            kind: 'main',
            of: ({ alias }: AliasRow) => html`<a href=${linkTo(['rollout', model], { alias })}>${alias}</a>`,
          },
          {
            title: 'Version',
            kind: 'number',
            of: ({ version }: AliasRow) => html`<a href=${linkTo(['report', model, version])}>${version}</a>`,
          },
          { title: 'Since', of: ({ updatedAt }: AliasRow) => html`<${Time} at=${updatedAt} />` },
          {
            title: 'Back',
            of: (alias: AliasRow) => html`<button
              type="button"
              onClick=${() => setMoving({ alias, move: { kind: 'back' } })}
            >
              Roll back<span class="unseen"> ${alias.alias}</span>
            </button>`,
          },
        ]}
      />
      <${MoveAlias}
        model=${model}
        name=${moving?.alias.alias ?? ''}
        alias=${moving?.alias ?? null}
        move=${moving?.move ?? null}
        onClose=${() => setMoving(null)}
        onChanged=${reload}
      />
    <//>
    <${History} model=${model} alias=${rows.find(({ alias }) => alias === shown) ?? rows[0]} />
  `;
}

interface AliasMove {
  seq: number;
  at: string;
  version: number | null;
  action: 'published' | 'set' | 'rolled-back' | 'removed' | 'promoted' | 'kept';
  keyId: string | null;
  jobId: string | null;
  reason: string | null;
}

const WORDS: Record<AliasMove['action'], string> = {
  published: 'published by a job',
  set: 'set by hand',
  'rolled-back': 'rolled back',
  removed: 'removed',
  promoted: 'won its experiment',
  kept: 'stayed after an experiment',
};

function History({ model, alias }: { model: string; alias: AliasRow | undefined }): VNode | null {
  if (!alias) return null;
  const path = `/models/${encodeURIComponent(model)}/aliases/${encodeURIComponent(alias.alias)}/history`;
  return html`<${Card} title=${`History of ${alias.alias}`} isWide>
    <${PagedTable}
      key=${alias.etag}
      path=${path}
      limit=${10}
      label=${`History of ${alias.alias}`}
      keyOf=${(row: AliasMove) => row.seq}
      columns=${[
        { title: 'When', kind: 'main', of: ({ at }: AliasMove) => html`<${Time} at=${at} />` },
        { title: 'Version', kind: 'number', of: ({ version }: AliasMove) => version ?? '–' },
        {
          title: 'What',
          of: ({ action }: AliasMove) =>
            html`<${Badge} tone=${action === 'rolled-back' || action === 'removed' ? 'warn' : 'quiet'}>${WORDS[action]}<//>`,
        },
        { title: 'By', of: (row: AliasMove) => html`<${By} row=${row} />`, isExtra: true },
        { title: 'Reason', of: ({ reason }: AliasMove) => reason ?? html`<span class="faint">none</span>` },
      ]}
    />
  <//>`;
}

function By({ row: { jobId, keyId } }: { row: AliasMove }): VNode {
  if (jobId !== null) return html`<a href=${linkTo(['jobs', jobId])}>a job</a>`;
  return html`<span>${keyId === null ? 'nobody named' : html`key <code>${keyId}</code>`}</span>`;
}
