import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { ModelVersion } from '../../../domain/answers/model.ts';
import { type Page, useGet } from '../../hooks.ts';
import { Card } from '../../parts/card.ts';
import { Choice, Field, type FieldInput } from '../../parts/field.ts';
import { type Asked, LIVE } from './asked.ts';

/** Newest versions that can be chosen; an older one is asked for from its report. */
const OFFERED = 50;

interface OptionsProps {
  model: string;
  asked: Asked;
  onChange: (part: Partial<Asked>) => void;
}

/** Versions and everything else that a request may say. */
export function Options({ model, asked, onChange }: OptionsProps): VNode {
  const { data } = useGet<Page<ModelVersion>>(
    `/models/${encodeURIComponent(model)}/versions?limit=${OFFERED}`,
  );
  const versions = versionChoices(data?.data ?? [], [asked.version, asked.beside]);
  return html`<${Card} title="How">
    <div class="row">
      <${Choice}
        label="Version"
        value=${asked.version ?? LIVE}
        options=${[[LIVE, 'Live'], ...versions]}
        onChange=${(value: string) => onChange({ version: value === LIVE ? null : value })}
      />
      <${Choice}
        label="Side by side with"
        value=${asked.beside ?? ''}
        options=${[['', 'Nothing'], [LIVE, 'Live'], ...versions]}
        onChange=${(value: string) => onChange({ beside: value || null })}
      />
    </div>
    <${Text} label="Filter" hint="Such as year >= 1990 and not category = Drama" value=${asked.filter} onDone=${(filter: string) => onChange({ filter })} />
    <div class="row">
      <${Text} label="Category" value=${asked.category} onDone=${(category: string) => onChange({ category })} />
      <${Text} label="Items" kind="number" value=${String(asked.k)} onDone=${(k: string) => onChange({ k: Number(k) })} />
    </div>
    <${Field}
      label=${`Diversity: ${asked.diversity}`}
      input=${(own: FieldInput) => html`<input
        ...${own}
        type="range"
        min="0"
        max="1"
        step="0.1"
        value=${asked.diversity}
        onChange=${(event: Event) => onChange({ diversity: Number((event.currentTarget as HTMLInputElement).value) })}
      />`}
    />
    <${Tick} label="Explain each item" isOn=${asked.explain} onChange=${(explain: boolean) => onChange({ explain })} />
    <${Tick} label="Also items that the user has had" isOn=${asked.includeSeen} onChange=${(includeSeen: boolean) => onChange({ includeSeen })} />
    <${Tick} label="Scores as probabilities" isOn=${asked.probability} onChange=${(probability: boolean) => onChange({ probability })} />
  <//>`;
}

/** Versions to choose from, with those that the address names though they are older. */
export function versionChoices(
  versions: readonly Pick<ModelVersion, 'version' | 'aliases'>[],
  named: readonly (string | null)[],
): [string, string][] {
  const known = versions.map(({ version, aliases }): [string, string] => [
    String(version),
    `Version ${version}${aliases.length > 0 ? ` (${aliases.join(', ')})` : ''}`,
  ]);
  const others = named.filter(
    (one): one is string => one !== null && one !== LIVE && known.every(([value]) => value !== one),
  );
  return [
    ...known,
    ...[...new Set(others)].map((one): [string, string] => [one, /^\d+$/.test(one) ? `Version ${one}` : one]),
  ];
}

interface TextProps {
  label: string;
  hint?: string;
  kind?: 'text' | 'number';
  value: string;
  /** Called when Enter is pressed or the field is left, not at each letter. */
  onDone: (value: string) => void;
}

function Text({ label, hint, kind = 'text', value, onDone }: TextProps): VNode {
  const [draft, setDraft] = useState(value);
  const done = () => draft !== value && onDone(draft);
  return html`<${Field}
    label=${label}
    hint=${hint}
    input=${(own: FieldInput) => html`<input
      ...${own}
      type=${kind}
      min=${kind === 'number' ? 1 : undefined}
      max=${kind === 'number' ? 50 : undefined}
      value=${draft}
      onInput=${(event: Event) => setDraft((event.currentTarget as HTMLInputElement).value)}
      onBlur=${done}
      onKeyDown=${(event: KeyboardEvent) => event.key === 'Enter' && done()}
    />`}
  />`;
}

interface TickProps {
  label: string;
  isOn: boolean;
  onChange: (isOn: boolean) => void;
}

function Tick({ label, isOn, onChange }: TickProps): VNode {
  return html`<label class="pick">
    <input type="checkbox" checked=${isOn} onChange=${(event: Event) => onChange((event.currentTarget as HTMLInputElement).checked)} />
    ${label}
  </label>`;
}
