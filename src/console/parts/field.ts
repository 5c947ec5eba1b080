import { html } from 'htm/preact';
import type { ComponentChildren, VNode } from 'preact';
import { useId } from 'preact/hooks';

/** Attributes of an input that tie its label, hint and error to it. */
export interface FieldInput {
  id: string;
  'aria-describedby': string | undefined;
  'aria-invalid': 'true' | undefined;
}

interface FieldProps {
  label: ComponentChildren;
  hint?: ComponentChildren;
  error?: string | undefined;
  /** Makes the input, select or textarea: `(own) => html\`<input ...${own} />\``. */
  input: (own: FieldInput) => VNode;
}

/** An input with its label, a hint, and what is wrong with it. */
export function Field({ label, hint, error, input }: FieldProps): VNode {
  const id = useId();
  const described = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ');
  const own: FieldInput = {
    id,
    'aria-describedby': described || undefined,
    'aria-invalid': error ? 'true' : undefined,
  };
  return html`<div class="field">
    <label for=${id}>${label}</label>
    ${input(own)} ${hint && html`<p class="hint" id=${`${id}-hint`}>${hint}</p>`}
    ${error && html`<p class="field-error" id=${`${id}-error`}>${error}</p>`}
  </div>`;
}

interface ChoiceProps {
  label: ComponentChildren;
  hint?: ComponentChildren;
  value: string;
  /** Values with what is shown of them. */
  options: readonly (readonly [value: string, shown: string])[];
  onChange: (value: string) => void;
}

/** A field with a list of values to choose from. */
export function Choice({ label, hint, value, options, onChange }: ChoiceProps): VNode {
  const choose = (event: Event) => onChange((event.currentTarget as HTMLSelectElement).value);
  return html`<${Field}
    label=${label}
    hint=${hint}
    input=${(own: FieldInput) =>
      html`<select ...${own} value=${value} onChange=${choose}>
        ${options.map(([one, shown]) => html`<option value=${one}>${shown}</option>`)}
      </select>`}
  />`;
}

interface TextProps {
  label: ComponentChildren;
  hint?: ComponentChildren;
  error?: string | undefined;
  value: string;
  onInput: (value: string) => void;
  /** Such as `search` or `password`. */
  type?: string;
}

/** A field with a line of text. */
export function Text({ label, hint, error, value, onInput, type = 'text' }: TextProps): VNode {
  const take = (event: Event) => onInput((event.currentTarget as HTMLInputElement).value);
  return html`<${Field}
    label=${label}
    hint=${hint}
    error=${error}
    input=${(own: FieldInput) =>
      html`<input ...${own} type=${type} value=${value} onInput=${take} autocomplete="off" spellcheck=${false} />`}
  />`;
}
