import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { ModelVersion } from '../../../domain/answers/model.ts';
import { send } from '../../api.ts';
import { type Page, useAction, useGet } from '../../hooks.ts';
import { Confirm } from '../../parts/confirm.ts';
import { Choice, Field, type FieldInput } from '../../parts/field.ts';
import { Notice } from '../../parts/notice.ts';
import { versionChoices } from '../try-it/options.ts';
import type { AliasRow } from '../versions/move-alias.ts';
import { type Draft, draftProblem, NO_DRAFT, trafficOf } from './new-traffic.ts';
import type { TrafficRead } from './use-traffic.ts';

interface SetTrafficProps {
  isOpen: boolean;
  model: string;
  aliases: readonly AliasRow[];
  traffic: TrafficRead;
  onClose: () => void;
  onChanged: () => void;
}

/** Asks for a variant with its share, and how it is judged. Several variants at a time are set by the API. */
export function SetTraffic({ isOpen, model, aliases, traffic, onClose, onChanged }: SetTrafficProps): VNode {
  const [draft, setDraft] = useState<Draft>(NO_DRAFT);
  const change = (part: Partial<Draft>) => setDraft((last) => ({ ...last, ...part }));
  const path = `/models/${encodeURIComponent(model)}`;
  const { data } = useGet<Page<ModelVersion>>(isOpen ? `${path}/versions?limit=50` : null);
  const stable = aliases.find(({ alias }) => alias === 'stable')?.version;
  const versions = versionChoices(
    (data?.data ?? []).filter(({ version }) => version !== stable),
    [],
  );
  const names = aliases
    .filter(({ alias, version }) => alias !== 'stable' && version !== stable)
    .map(({ alias, version }): [string, string] => [alias, `${alias} (version ${version})`]);
  const action = useAction(async () => {
    const problem = draftProblem(draft);
    if (problem !== null) throw new Error(problem);
    const headers: Record<string, string> =
      traffic.etag === null ? { 'if-none-match': '*' } : { 'if-match': traffic.etag };
    await send('PUT', `${path}/traffic`, { json: trafficOf(draft), headers });
  });
  const isStale = action.error?.status === 412;
  const close = () => {
    onClose();
    if (isStale) onChanged();
  };
  return html`<${Confirm} isOpen=${isOpen} title="Share the traffic" verb="Set the traffic" action=${action} onClose=${close} onDone=${onChanged}>
    <div class="row">
      <${Choice} label="Version beside stable" value=${draft.variant} options=${[['', 'None'], ...names, ...versions]} onChange=${(variant: string) => change({ variant })} />
      <${Input} label="Its share of the users, per cent" kind="number" value=${draft.share} onChange=${(share: string) => change({ share: Number(share) })} />
    </div>
    <div class="row">
      <${Choice}
        label="Judged by"
        value=${draft.metric}
        options=${[['', 'Nobody'], ['click-through', 'Click-through'], ['conversions', 'Conversions'], ['revenue', 'Revenue']]}
        onChange=${(metric: Draft['metric']) => change({ metric })}
      />
      <${Input} label="At most so many days" kind="number" value=${draft.days} onChange=${(days: string) => change({ days: Number(days) })} />
    </div>
    <div class="row">
      <${Input} label="Name of the experiment" hint="A new name shuffles the users" value=${draft.experiment} onChange=${(experiment: string) => change({ experiment })} />
      <${Choice} label="Shadow" hint="Asked too, shown to nobody" value=${draft.shadow} options=${[['', 'None'], ...names, ...versions]} onChange=${(shadow: string) => change({ shadow })} />
    </div>
    <${Input} label="Reason" hint="Needed for a version that its gate has refused" value=${draft.reason} onChange=${(reason: string) => change({ reason })} />
    ${isStale && html`<${Notice} tone="warn">Somebody has changed the traffic since this page read it; nothing was changed now. Close this and look again.<//>`}
  <//>`;
}

interface InputProps {
  label: string;
  hint?: string;
  kind?: string;
  value: string | number;
  onChange: (value: string) => void;
}

export function Input({ label, hint, kind = 'text', value, onChange }: InputProps): VNode {
  const input = (own: FieldInput) => html`<input
    ...${own}
    type=${kind}
    value=${value}
    onInput=${(event: Event) => onChange((event.currentTarget as HTMLInputElement).value)}
  />`;
  return html`<${Field} label=${label} hint=${hint} input=${input} />`;
}
