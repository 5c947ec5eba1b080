import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { useSend } from '../../hooks.ts';
import { Card } from '../../parts/card.ts';
import { Choice, Text } from '../../parts/field.ts';
import { Problem } from '../../parts/notice.ts';

const EMPTY = { action: 'hide', items: '', categories: '', model: '', amount: '', until: '' };
type Form = typeof EMPTY;

/** A form for a rule. What does not fit together the api says. */
export function NewRule({ onDone }: { onDone: () => void }): VNode {
  const [form, setForm] = useState<Form>(EMPTY);
  const put = (name: keyof Form) => (value: string) => setForm({ ...form, [name]: value });
  const action = useSend('POST', '/rules', ruleOf(form));
  const submit = async (event: Event) => {
    event.preventDefault();
    if (!(await action.run())) return;
    setForm(EMPTY);
    onDone();
  };
  return html`<${Card} title="Add a rule">
    <form class="stack" onSubmit=${submit}>
      <div class="row">
        <${Choice}
          label="Action"
          value=${form.action}
          onChange=${put('action')}
          options=${[
            ['hide', 'hide: never shown'],
            ['pin', 'pin: at a place'],
            ['boost', 'boost: more or less probable'],
          ]}
        />
        <${Text} label="Items" hint="Ids, with commas" value=${form.items} onInput=${put('items')} />
        <${Text} label="Categories" hint="With commas" value=${form.categories} onInput=${put('categories')} />
        ${form.action === 'pin' && html`<${Text} label="Place" hint="1 is the first" value=${form.amount} onInput=${put('amount')} />`}
        ${
          form.action === 'boost' &&
          html`<${Text} label="Factor" hint="2: twice as probable" value=${form.amount} onInput=${put('amount')} />`
        }
        <${Text} label="Model" hint="All if empty" value=${form.model} onInput=${put('model')} />
        <${Text} label="Until" hint="Such as 2036-01-01" value=${form.until} onInput=${put('until')} />
      </div>
      <${Problem} error=${action.error} />
      <div><button class="main" type="submit" disabled=${action.isRunning}>Add</button></div>
    </form>
  <//>`;
}

const listOf = (text: string) =>
  text
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '');

/** Number in a field. Text that is none is sent as it is, so that the api says what would be right. */
const numberOf = (text: string) => (text.trim() === '' || Number.isNaN(Number(text)) ? text : Number(text));

/** The rule as the API takes it; empty fields are left out. */
function ruleOf({ action, items, categories, model, amount, until }: Form): object {
  return {
    action,
    ...(items.trim() !== '' && { items: listOf(items) }),
    ...(categories.trim() !== '' && { categories: listOf(categories) }),
    ...(model.trim() !== '' && { model: model.trim() }),
    ...(action === 'pin' && amount.trim() !== '' && { position: numberOf(amount) }),
    ...(action === 'boost' && amount.trim() !== '' && { factor: numberOf(amount) }),
    ...(until.trim() !== '' && { until: until.trim() }),
  };
}
