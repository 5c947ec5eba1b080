import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { Static } from 'typebox';
import type { Rule as RuleView } from '../../../domain/answers/rule.ts';
import { useGet, useSend } from '../../hooks.ts';
import { Card } from '../../parts/card.ts';
import { Confirm } from '../../parts/confirm.ts';
import { Empty, Loading } from '../../parts/empty.ts';
import { counted } from '../../parts/format.ts';
import { Badge, Problem, type Tone } from '../../parts/notice.ts';
import { Table } from '../../parts/table.ts';
import { Time } from '../../parts/time.ts';
import { NewRule } from './new-rule.ts';

type Rule = Static<typeof RuleView>;

const TONES: Record<Rule['action'], Tone> = { pin: 'info', hide: 'bad', boost: 'good' };

/** Business rules over recommendations: which there are, one more, one less. */
export function Rules(): VNode {
  const { data, error, reload } = useGet<{ data: Rule[] }>('/rules');
  const [doomed, setDoomed] = useState<Rule | null>(null);
  const deletion = useSend('DELETE', `/rules/${encodeURIComponent(doomed?.id ?? '')}`);
  return html`<div class="stack">
    <${Card} title="Rules" says="They hold for all answers at once, also for those of versions that come later.">
      <${Problem} error=${error} />
      ${!data && !error && html`<${Loading} />`}
      ${data?.data.length === 0 && html`<${Empty} title="No rules: models alone decide" />`}
      ${data && data.data.length > 0 && html`<${RuleTable} rules=${data.data} onDelete=${setDoomed} />`}
    <//>
    <${NewRule} onDone=${reload} />
    <${Confirm}
      isOpen=${doomed !== null}
      title="Delete the rule?"
      verb="Delete"
      isDanger=${true}
      action=${deletion}
      onClose=${() => setDoomed(null)}
      onDone=${reload}
    >
      <p>${doomed && `${doomed.action}: ${targetsOf(doomed)}`}</p>
    <//>
  </div>`;
}

function RuleTable({ rules, onDelete }: { rules: Rule[]; onDelete: (rule: Rule) => void }): VNode {
  return html`<${Table}
    label="Rules"
    rows=${rules}
    keyOf=${({ id }: Rule) => id}
    columns=${[
      { title: 'Does', of: ({ action }: Rule) => html`<${Badge} tone=${TONES[action]}>${action}<//>` },
      { title: 'With', kind: 'main', of: targetsOf },
      { title: 'How', of: howOf },
      { title: 'Model', isExtra: true, of: ({ model }: Rule) => model ?? 'all' },
      {
        title: 'Until',
        isExtra: true,
        of: ({ until }: Rule) => (until ? html`<${Time} at=${until} />` : 'for good'),
      },
      {
        title: '',
        of: (rule: Rule) =>
          html`<button aria-label=${`Delete the rule ${rule.action} ${targetsOf(rule)}`} onClick=${() => onDelete(rule)}>
            Delete
          </button>`,
      },
    ]}
  />`;
}

const targetsOf = ({ items, categories }: Rule): string =>
  [
    ...items.slice(0, 5),
    ...(items.length > 5 ? [counted(items.length - 5, 'more item')] : []),
    ...categories,
  ].join(', ');

function howOf({ action, position, factor, amount }: Rule): string {
  if (action === 'pin') return `from place ${position ?? 1} on`;
  if (action === 'hide') return 'never shown';
  return factor === null ? `score ${amount! < 0 ? '' : '+'}${amount}` : `${factor} times as probable`;
}
