import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { Field, type FieldInput } from '../../parts/field.ts';
import { counted } from '../../parts/format.ts';
import { type Path, pathText, valueAt } from './body.ts';
import type { Form, InputProps } from './form.ts';
import { type DefaultNote, defaultAt, problemsAt, problemsWithin } from './plan-notes.ts';
import type { FormField, Variant } from './schema.ts';
import { Typed } from './typed-input.ts';

type Of<Kind extends FormField['kind']> = InputProps<Extract<FormField, { kind: Kind }>>;

/** The input of a field, with what it becomes when it is left open, and why. */
function FormInput({ field, path, form }: InputProps): VNode {
  switch (field.kind) {
    case 'group':
      return html`<${Group} field=${field} path=${path} form=${form} />`;
    case 'variant':
      return html`<${VariantInput} field=${field} path=${path} form=${form} />`;
    case 'many':
      return html`<${Many} field=${field} path=${path} form=${form} />`;
    default:
      return html`<${Plain} field=${field} path=${path} form=${form} />`;
  }
}

function Plain({ field, path, form }: InputProps): VNode {
  const note = defaultAt(form.plan, path);
  const value = valueAt(form.body, path);
  const errors = problemsAt(form.problems, path);
  return html`<${Field}
    label=${html`${field.name}${field.isRequired && html`<span class="faint"> needed</span>`}`}
    hint=${html`<${Hint} field=${field} note=${value === undefined ? note : null} />`}
    error=${errors.map(({ detail }) => detail).join(' ') || undefined}
    input=${(own: FieldInput) => html`<${Typed} own=${own} field=${field} path=${path} form=${form} note=${note} />`}
  />`;
}

function Hint({ field, note }: { field: FormField; note: DefaultNote | null }): VNode {
  const range =
    field.kind === 'number' && field.range !== ''
      ? ` ${field.isWhole ? 'Whole' : 'Number'}, ${field.range}.`
      : '';
  return html`${field.about}${range}${note?.why && html` <span class="why"><b>${note.by}:</b> ${note.why}</span>`}`;
}

function Group({ field, path, form }: Of<'group'>): VNode {
  return html`<fieldset class="group">
    <legend>${field.name}</legend>
    ${field.about && html`<p class="hint">${field.about}</p>`}
    <${Own} path=${path} form=${form} />
    <${Inputs} fields=${field.fields} path=${path} form=${form} />
  </fieldset>`;
}

/** Inputs of the fields of an object. */
export function Inputs({
  fields,
  path,
  form,
}: {
  fields: readonly FormField[];
  path: Path;
  form: Form;
}): VNode {
  return html`<div class="inputs">
    ${fields.map((one) => html`<${FormInput} key=${one.name} field=${one} path=${[...path, one.name]} form=${form} />`)}
  </div>`;
}

/** Problems of an object itself, which has no input of its own. */
function Own({ path, form }: { path: Path; form: Form }): VNode {
  return html`${problemsAt(form.problems, path).map(
    ({ detail }) => html`<p class="field-error" data-field=${pathText(path)} tabindex="-1">${detail}</p>`,
  )}`;
}

function VariantInput({ field, path, form }: Of<'variant'>): VNode {
  const value = valueAt(form.body, path);
  const chosen = String(valueAt(value, [field.by]) ?? '');
  const variant = field.variants.find(({ name }) => name === chosen);
  const note = defaultAt(form.plan, path) ?? defaultAt(form.plan, [...path, field.by]);
  const choose = (event: Event) => {
    const { value: name } = event.currentTarget as HTMLSelectElement;
    form.set(path, name === '' ? undefined : { [field.by]: name });
  };
  const isEntry = typeof path.at(-1) === 'number';
  return html`<div class="variant">
    <${Field}
      label=${field.name === '' ? field.by : field.name}
      hint=${variant ? variant.about : html`<${Hint} field=${field} note=${note} />`}
      error=${
        problemsAt(form.problems, path)
          .map(({ detail }) => detail)
          .join(' ') || undefined
      }
      input=${(own: FieldInput) =>
        html`<select ...${own} data-field=${pathText(path)} value=${chosen} onChange=${choose}>
          ${!isEntry && html`<option value="">${note?.text ? `left open: ${note.text}` : 'left open'}</option>`}
          ${isEntry && chosen === '' && html`<option value="">choose one</option>`}
          ${field.variants.map(({ name }) => html`<option value=${name}>${name}</option>`)}
        </select>`}
    />
    ${variant && html`<${Options} variant=${variant} path=${path} form=${form} />`}
  </div>`;
}

/** The options of a shape: folded, but for those that it needs. */
function Options({ variant, path, form }: { variant: Variant; path: Path; form: Form }): VNode | null {
  const needed = variant.fields.filter(({ isRequired }) => isRequired);
  const others = variant.fields.filter(({ isRequired }) => !isRequired);
  return html`
    ${needed.length > 0 && html`<${Inputs} fields=${needed} path=${path} form=${form} />`}
    ${
      others.length > 0 &&
      html`<${Fold} title=${`Options of ${variant.name}`} fields=${others} path=${path} form=${form} />`
    }
  `;
}

interface FoldProps {
  title: string;
  fields: readonly FormField[];
  path: Path;
  form: Form;
}

/** Fields that are out of sight until somebody wants them, or until something is wrong with one of them. */
export function Fold({ title, fields, path, form }: FoldProps): VNode {
  const [isOpen, setOpen] = useState(false);
  const paths = fields.map(({ name }) => [...path, name]);
  const set = paths.filter((one) => valueAt(form.body, one) !== undefined).length;
  const wrong = paths.reduce((count, one) => count + problemsWithin(form.problems, one).length, 0);
  const onToggle = (event: Event) => setOpen((event.currentTarget as HTMLDetailsElement).open);
  return html`<details class="fold" open=${isOpen || wrong > 0} onToggle=${onToggle}>
    <summary>
      ${title} ${set > 0 && html`<span class="badge">${set} set</span>`}
      ${wrong > 0 && html` <span class="badge bad">${counted(wrong, 'problem')}</span>`}
    </summary>
    ${(isOpen || wrong > 0) && html`<${Inputs} fields=${fields} path=${path} form=${form} />`}
  </details>`;
}

function Many({ field, path, form }: Of<'many'>): VNode {
  const value = valueAt(form.body, path);
  const entries = Array.isArray(value) ? value : [];
  const note = defaultAt(form.plan, path);
  const isFull = field.most !== null && entries.length >= field.most;
  const add = () => form.set([...path, entries.length], {});
  return html`<fieldset class="group">
    <legend>${field.name}</legend>
    <p class="hint">
      <${Hint} field=${field} note=${entries.length === 0 ? note : null} />
      ${entries.length === 0 && note?.text && html` Left open: <code class="value">${note.text}</code>`}
    </p>
    <${Own} path=${path} form=${form} />
    ${entries.map(
      (_, i) => html`<div class="entry" key=${i}>
        <button type="button" class="quiet remove" onClick=${() => form.set([...path, i], undefined)}>Remove ${field.name} ${i + 1}</button>
        ${
          field.of.kind === 'group'
            ? html`<${Inputs} fields=${field.of.fields} path=${[...path, i]} form=${form} />`
            : html`<${FormInput} field=${field.of} path=${[...path, i]} form=${form} />`
        }
      </div>`,
    )}
    <button type="button" onClick=${add} disabled=${isFull}>Add to ${field.name}</button>
  </fieldset>`;
}
