import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { ModelVersion } from '../../../domain/answers/model.ts';
import { type Got, type Page, useGet } from '../../hooks.ts';
import { Card } from '../../parts/card.ts';
import { Empty, Loading } from '../../parts/empty.ts';
import { Choice } from '../../parts/field.ts';
import { Badge, Notice, Problem } from '../../parts/notice.ts';
import { linkTo, setQuery } from '../../router.ts';
import { versionChoices } from '../try-it/options.ts';
import { GateTable, refusedBy } from '../versions/gate.ts';
import { type AliasRow, type Move, MoveAlias } from '../versions/move-alias.ts';

/** Newest versions that can be chosen; an older one is named by the address. */
const OFFERED = 50;

interface GateProps {
  model: string;
  aliases: Got<{ data: AliasRow[] }>;
  /** Version of the address; null: the candidate, else the newest. */
  asked: string | null;
}

/** Card with what the gate of a version said, rule by rule, and the button that makes the version stable. */
export function Gate({ model, aliases, asked }: GateProps): VNode {
  const path = `/models/${encodeURIComponent(model)}/versions`;
  const { data, error } = useGet<Page<ModelVersion>>(`${path}?limit=${OFFERED}`);
  const rows = aliases.data?.data ?? [];
  const candidate = rows.find(({ alias }) => alias === 'candidate')?.version;
  const chosen = asked ?? String(candidate ?? data?.data[0]?.version ?? '');
  return html`<${Card}
    title="The gate"
    isWide
    says="What a version had to show before it could take its alias. A dashed line is the limit."
    aside=${html`<${Choice}
      label=${html`<span class="unseen">Version at the gate</span>`}
      value=${chosen}
      options=${versionChoices(data?.data ?? [], chosen === '' ? [] : [chosen])}
      onChange=${(version: string) => setQuery({ version })}
    />`}
  >
    <${Problem} error=${error} />
    ${chosen === '' ? html`<${Loading} />` : html`<${GateOfVersion} key=${chosen} model=${model} version=${chosen} aliases=${aliases} />`}
  <//>`;
}

interface OfVersionProps {
  model: string;
  version: string;
  aliases: Got<{ data: AliasRow[] }>;
}

function GateOfVersion({ model, version, aliases }: OfVersionProps): VNode {
  const { data, error, reload } = useGet<ModelVersion>(
    `/models/${encodeURIComponent(model)}/versions/${encodeURIComponent(version)}`,
  );
  const [move, setMove] = useState<Move | null>(null);
  const stable = aliases.data?.data.find(({ alias }) => alias === 'stable') ?? null;
  const changed = () => {
    aliases.reload();
    reload();
  };
  if (!data) return html`<div><${Problem} error=${error} />${!error && html`<${Loading} />`}</div>`;
  const { promotion } = data;
  const isStable = stable?.version === data.version;
  return html`
    <p>
      ${isStable && html`<${Badge} tone="good">stable<//> `}
      ${promotion ? sentenceOf(promotion) : 'This version has passed no gate: its job published it without one, or to an alias without rules.'}
      ${' '}<a href=${linkTo(['report', model, data.version])}>Its report</a>
    </p>
    ${data.serving.state === 'refused' && html`<${Notice} tone="bad">This api cannot serve it: ${data.serving.reason}<//>`}
    ${promotion && (promotion.rules.length > 0 ? html`<${GateTable} promotion=${promotion} />` : html`<${Empty} title="The gate was off: no rule was asked" />`)}
    ${
      !isStable &&
      html`<button
        type="button"
        class="main"
        disabled=${aliases.data === null}
        onClick=${() => setMove({ kind: 'to', version: data.version, refusedBy: promotion?.alias === 'stable' ? refusedBy(promotion) : [] })}
      >
        Promote version ${data.version} to stable
      </button>`
    }
    <${MoveAlias} model=${model} name="stable" alias=${stable} move=${move} onClose=${() => setMove(null)} onChanged=${changed} />
  `;
}

function sentenceOf({ promoted, alias, comparedWith }: NonNullable<ModelVersion['promotion']>): string {
  const against =
    comparedWith === null ? 'Nothing was live then.' : `It was measured against version ${comparedWith}.`;
  return `${promoted ? `The gate let it take ${alias}.` : `The gate kept it from ${alias}.`} ${against}`;
}
