import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { FieldInput } from '../../parts/field.ts';
import { pathText, shownText, typedJson, typedList, typedNumber, valueAt } from './body.ts';
import type { InputProps } from './form.ts';
import type { DefaultNote } from './plan-notes.ts';
import type { FormField } from './schema.ts';

/** A select or a text input for one value; left open it says what the job takes. */
export function Typed({
  own,
  field,
  path,
  form,
  note,
}: InputProps & { own: FieldInput; note: DefaultNote | null }): VNode {
  const value = valueAt(form.body, path);
  const set = (next: unknown) => form.set(path, next);
  const shown = field.kind === 'yes-no' ? { true: 'yes', false: 'no' }[note?.text ?? ''] : note?.text;
  const left = shown ? `left open: ${shown}` : 'left open';
  const named = { ...own, 'data-field': pathText(path) };
  if (field.kind === 'choice' || field.kind === 'yes-no') {
    const isFlag = field.kind === 'yes-no';
    const choices = isFlag ? ['true', 'false'] : field.choices;
    const choose = (event: Event) => {
      const { value: chosen } = event.currentTarget as HTMLSelectElement;
      set(chosen === '' ? undefined : isFlag ? chosen === 'true' : chosen);
    };
    return html`<select ...${named} value=${shownText(value)} onChange=${choose}>
      <option value="">${left}</option>
      ${choices.map((one) => html`<option value=${one}>${isFlag ? { true: 'yes', false: 'no' }[one] : one}</option>`)}
    </select>`;
  }
  const read = readerOf(field);
  const example = 'example' in field && field.example !== '' ? `such as ${field.example}` : '';
  const placeholder = field.isRequired ? example : note?.text ? left : example;
  return html`<${TextInput} own=${named} value=${value} read=${read} set=${set} placeholder=${placeholder} />`;
}

function readerOf(field: FormField): (text: string) => unknown {
  if (field.kind === 'number') return typedNumber;
  if (field.kind === 'list') return (text) => typedList(text, field.of);
  if (field.kind === 'json') return typedJson;
  return (text) => (text.trim() === '' ? undefined : text.trim());
}

interface TextInputProps {
  own: Record<string, unknown>;
  value: unknown;
  read: (text: string) => unknown;
  set: (value: unknown) => void;
  placeholder: string;
}

/** Keeps what was typed as it was: `0.` would otherwise become `0` before its decimals come. */
function TextInput({ own, value, read, set, placeholder }: TextInputProps): VNode {
  const [text, setText] = useState(shownText(value));
  useEffect(() => {
    if (JSON.stringify(read(text)) !== JSON.stringify(value)) setText(shownText(value));
  }, [JSON.stringify(value)]);
  const onInput = (event: Event) => {
    const { value: typed } = event.currentTarget as HTMLInputElement;
    setText(typed);
    set(read(typed));
  };
  return html`<input ...${own} type="text" autocomplete="off" spellcheck=${false} value=${text} placeholder=${placeholder} onInput=${onInput} />`;
}
