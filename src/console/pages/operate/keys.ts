import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { KeyView, MadeKey } from '../../../domain/keys/key.ts';
import { send } from '../../api.ts';
import { useAction, useGet, useSend } from '../../hooks.ts';
import { Card } from '../../parts/card.ts';
import { Confirm } from '../../parts/confirm.ts';
import { Loading } from '../../parts/empty.ts';
import { Badge, Notice, Problem } from '../../parts/notice.ts';
import { Table } from '../../parts/table.ts';
import { Time } from '../../parts/time.ts';
import { NewKeyForm } from './new-key.ts';

type Doing = { what: 'rotate' | 'delete'; key: KeyView };

/** API keys: who holds which, a new one, a new secret, an end. A secret is shown once. */
export function Keys(): VNode {
  const { data, error, reload } = useGet<{ data: KeyView[] }>('/keys');
  const [made, setMade] = useState<MadeKey | null>(null);
  const [doing, setDoing] = useState<Doing | null>(null);
  const path = `/keys/${encodeURIComponent(doing?.key.id ?? '')}`;
  const deletion = useSend('DELETE', path);
  const rotation = useAction(async () => {
    setMade((await send<MadeKey>('POST', `${path}/rotate`, { json: {} })).body);
  });
  const onMade = (key: MadeKey) => {
    setMade(key);
    reload();
  };
  const isRotation = doing?.what === 'rotate';
  // Whoever may not see keys may not make any either.
  if (error && !data) return html`<${Problem} error=${error} />`;
  return html`<div class="stack">
    ${made && html`<${Secret} made=${made} onSeen=${() => setMade(null)} />`}
    <${Card} title="Keys" says="None is shown with its secret. Those of the setting API_KEYS are changed there.">
      <${Problem} error=${error} />
      ${data ? html`<${KeyTable} keys=${data.data} onDo=${setDoing} />` : html`<${Loading} />`}
    <//>
    <${NewKeyForm} onMade=${onMade} />
    <${Confirm}
      isOpen=${doing !== null}
      title=${`${isRotation ? 'Give a new secret to' : 'Delete'} ${doing?.key.name}?`}
      verb=${isRotation ? 'Give a new secret' : 'Delete'}
      isDanger=${!isRotation}
      action=${isRotation ? rotation : deletion}
      onClose=${() => setDoing(null)}
      onDone=${reload}
    >
      <p>
        ${
          isRotation
            ? 'The secret of now is taken for an hour more, in which its holders change over.'
            : 'It is refused at once. Whoever uses it is locked out.'
        }
      </p>
    <//>
  </div>`;
}

function Secret({
  made: { name, key, warnings = [] },
  onSeen,
}: {
  made: MadeKey;
  onSeen: () => void;
}): VNode {
  return html`<${Card} title=${`The key of ${name}`} aside=${html`<button onClick=${onSeen}>I have kept it</button>`}>
    <${Notice} tone="warn">It is shown this once, and stored nowhere.<//>
    <p class="secret"><code>${key}</code></p>
    ${warnings.map((warning) => html`<${Notice} key=${warning} tone="warn">${warning}<//>`)}
  <//>`;
}

function KeyTable({ keys, onDo }: { keys: KeyView[]; onDo: (doing: Doing) => void }): VNode {
  const actions = (key: KeyView) =>
    key.source === 'setting'
      ? html`<span class="faint">in API_KEYS</span>`
      : html`<span class="row">
          <button aria-label=${`New secret of ${key.name}`} onClick=${() => onDo({ what: 'rotate', key })}>New secret</button>
          <button aria-label=${`Delete ${key.name}`} onClick=${() => onDo({ what: 'delete', key })}>Delete</button>
        </span>`;
  return html`<${Table}
    label="Keys"
    rows=${keys}
    keyOf=${({ id }: KeyView) => id}
    columns=${[
      {
        title: 'Key',
        kind: 'main',
        of: ({ name, id }: KeyView) => html`${name} <span class="faint">${id}</span>`,
      },
      {
        title: 'May',
        of: ({ scopes, origins }: KeyView) => html`<span>
          ${scopes.map((scope) => html`<${Badge} key=${scope} tone=${scope === 'admin' ? 'warn' : 'info'}>${scope}<//>${' '}`)}
          ${origins.length > 0 && html`<span class="faint">from ${origins.join(', ')}</span>`}
        </span>`,
      },
      {
        title: 'Last used',
        isExtra: true,
        of: ({ lastUsedAt }: KeyView) => html`<${Time} at=${lastUsedAt} />`,
      },
      {
        title: 'Expires',
        isExtra: true,
        of: ({ expiresAt }: KeyView) => (expiresAt ? html`<${Time} at=${expiresAt} />` : 'never'),
      },
      { title: '', of: actions },
    ]}
  />`;
}
