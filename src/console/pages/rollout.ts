import './versions/versions.css';
import './rollout/rollout.css';
import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { useGet } from '../hooks.ts';
import type { Place } from '../router.ts';
import { Aliases } from './rollout/aliases.ts';
import { Drift } from './rollout/drift.ts';
import { Gate } from './rollout/gate.ts';
import { OnlineResults } from './rollout/online.ts';
import { TrafficCard } from './rollout/traffic.ts';
import { OfModel } from './versions/choose-model.ts';
import type { AliasRow } from './versions/move-alias.ts';

/** Which version serves whom, how it came to that, and how it does: `#/rollout/MODEL?alias=stable&version=3`. */
export function Rollout({ rest: [name], query }: Place): VNode {
  return html`<${OfModel}
    page="rollout"
    title="Rollout"
    says="Which version answers whom, what its gate said, and what users do with it."
    name=${name}
  >
    ${({ name: model }: { name: string }) => html`<${RolloutOfModel} model=${model} query=${query} />`}
  <//>`;
}

function RolloutOfModel({ model, query }: { model: string; query: URLSearchParams }): VNode {
  const aliases = useGet<{ data: AliasRow[] }>(`/models/${encodeURIComponent(model)}/aliases`);
  // What users do is counted anew when the traffic changes.
  const [round, setRound] = useState(0);
  return html`<div class="cards">
    <${Aliases} model=${model} aliases=${aliases} shown=${query.get('alias') ?? 'stable'} />
    <${Gate} model=${model} aliases=${aliases} asked=${query.get('version')} />
    <${TrafficCard} model=${model} aliases=${aliases.data?.data ?? []} onChanged=${() => setRound((last) => last + 1)} />
    <${OnlineResults} key=${round} model=${model} />
    <${Drift} model=${model} />
  </div>`;
}
