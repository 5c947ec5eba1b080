import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { useGet } from '../../hooks.ts';
import { Card } from '../../parts/card.ts';
import { Loading } from '../../parts/empty.ts';
import { Choice, Text } from '../../parts/field.ts';
import { Badge, Problem } from '../../parts/notice.ts';
import { Table } from '../../parts/table.ts';
import { type Place, setQuery } from '../../router.ts';

interface Setting {
  name: string;
  value: string | null;
  isSet: boolean;
  isSecret: boolean;
  description: string;
}

/** The settings that the api was started with, to look at. */
export function Settings({ query }: Place): VNode {
  const { data, error } = useGet<{ data: Setting[] }>('/settings');
  if (error && !data) return html`<${Problem} error=${error} />`;
  const wanted = (query.get('name') ?? '').toLowerCase();
  const onlySet = query.get('which') === 'set';
  const rows = (data?.data ?? []).filter(
    ({ name, description, isSet }) =>
      (isSet || !onlySet) && `${name} ${description}`.toLowerCase().includes(wanted),
  );
  return html`<${Card}
    title="Settings"
    says="Those that this api was started with. They are changed in its environment; workers have their own."
  >
    <div class="row">
      <${Text} label="Search" type="search" value=${query.get('name') ?? ''} onInput=${(name: string) => setQuery({ name })} />
      <${Choice}
        label="Which"
        value=${onlySet ? 'set' : ''}
        onChange=${(which: string) => setQuery({ which })}
        options=${[['', 'all'], ['set', 'those that somebody has set']]}
      />
    </div>
    ${
      data
        ? html`<${Table}
            label="Settings"
            rows=${rows}
            keyOf=${({ name }: Setting) => name}
            columns=${[
              { title: 'Setting', kind: 'main', of: ({ name }: Setting) => html`<code>${name}</code>` },
              { title: 'Value', of: (setting: Setting) => html`<${Value} setting=${setting} />` },
              {
                title: 'What it is for',
                isExtra: true,
                of: ({ description }: Setting) => plain(description),
              },
            ]}
          />`
        : html`<${Loading} />`
    }
  <//>`;
}

function Value({ setting: { value, isSet, isSecret } }: { setting: Setting }): VNode {
  const shown = isSecret ? (isSet ? 'a secret' : 'unset') : (value ?? 'unset');
  return html`<span>
    ${value === null ? html`<span class="faint">${shown}</span>` : html`<code>${shown}</code>`}${' '}
    ${isSet && html`<${Badge}>set<//>`}
  </span>`;
}

/** Markdown without its marks and the addresses of its links. */
const plain = (text: string): string => text.replace(/\[([^\]]+)\]\([^)]+\)/g, '$1').replaceAll('`', '');
