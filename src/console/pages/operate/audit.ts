import { html } from 'htm/preact';
import type { VNode } from 'preact';
import type { Static } from 'typebox';
import type { AuditView } from '../../../domain/keys/audit.ts';
import { Card } from '../../parts/card.ts';
import { Empty } from '../../parts/empty.ts';
import { Choice, Text } from '../../parts/field.ts';
import { whole } from '../../parts/format.ts';
import { Badge } from '../../parts/notice.ts';
import { PagedTable } from '../../parts/paged-table.ts';
import { Time } from '../../parts/time.ts';
import { type Place, setQuery } from '../../router.ts';

type Entry = Static<typeof AuditView>;

const NAMES = ['outcome', 'keyId', 'target'] as const;

/** Who changed what, page by page; what was refused is counted. */
export function Audit({ query }: Place): VNode {
  const asked = new URLSearchParams(
    NAMES.flatMap((name) => (query.get(name) ? [[name, query.get(name)!]] : [])),
  );
  const put = (name: (typeof NAMES)[number]) => (value: string) => setQuery({ [name]: value });
  return html`<${Card} title="Audit" says="Every change, and refused requests as counts by minute.">
    <div class="row">
      <${Choice}
        label="Outcome"
        value=${query.get('outcome') ?? ''}
        onChange=${put('outcome')}
        options=${[['', 'all'], ['done', 'done'], ['refused', 'refused'], ['failed', 'failed']]}
      />
      <${Text} label="Key" hint="Its id" value=${query.get('keyId') ?? ''} onInput=${put('keyId')} />
      <${Text} label="Target" hint="Such as a model or a job" value=${query.get('target') ?? ''} onInput=${put('target')} />
    </div>
    <${PagedTable}
      label="Audit"
      path=${`/audit?${asked}`}
      keyOf=${({ id }: Entry) => id}
      empty=${html`<${Empty} title="Nothing fits" />`}
      columns=${[
        { title: 'When', of: ({ at }: Entry) => html`<${Time} at=${at} />` },
        { title: 'Action', kind: 'main', of: ({ action }: Entry) => html`<code>${action}</code>` },
        {
          title: 'Of what',
          of: ({ targets }: Entry) =>
            Object.entries(targets)
              .map(([name, id]) => `${name} ${id}`)
              .join(', '),
        },
        { title: 'Key', isExtra: true, of: ({ keyName, keyId }: Entry) => keyName ?? keyId ?? '–' },
        { title: 'From', isExtra: true, of: ({ address }: Entry) => address ?? '–' },
        { title: 'Answer', kind: 'number', of: ({ status }: Entry) => html`<${Status} status=${status} />` },
        { title: 'Times', kind: 'number', isExtra: true, of: ({ requests }: Entry) => whole(requests) },
      ]}
    />
  <//>`;
}

function Status({ status }: { status: number | null }): VNode {
  if (status === null) return html`<span>–</span>`;
  return html`<${Badge} tone=${status < 400 ? 'good' : 'warn'}>${status}<//>`;
}
