import { html } from 'htm/preact';
import type { VNode } from 'preact';
import type { Promotion, RuleOutcome } from '../../../domain/releases/promotion.ts';
import { axisOf, IntervalBar } from '../../parts/interval-bar.ts';
import { Badge } from '../../parts/notice.ts';
import { Table } from '../../parts/table.ts';
import { decisionOf, ruleFigure as figure, ruleResult } from './rule-result.ts';

/** Rules that a version did not pass; `chosen` only says that another student of its request was taken. */
export const refusedBy = (promotion: Promotion | undefined): string[] =>
  (promotion?.rules ?? []).flatMap(({ passed, rule }) => (passed || rule === 'chosen' ? [] : [rule]));

/** Each rule of a gate with what was measured, what it had to reach, and how it was decided. */
export function GateTable({ promotion }: { promotion: Promotion }): VNode {
  return html`<${Table}
    label="Rules of the gate"
    rows=${promotion.rules}
    keyOf=${(row: RuleOutcome) => `${row.rule} ${row.task ?? ''}`}
    columns=${[
      {
        title: 'Rule',
        kind: 'main',
        of: ({ rule, task }: RuleOutcome) => (task ? `${rule}, ${task}` : rule),
      },
      {
        title: 'Result',
        of: (row: RuleOutcome) => {
          const { tone, says } = ruleResult(row);
          return html`<${Badge} tone=${tone}>${says}<//>`;
        },
      },
      { title: 'Measured', kind: 'number', of: ({ value }: RuleOutcome) => figure(value) },
      { title: 'Interval and limit', of: (row: RuleOutcome) => html`<${RuleBar} row=${row} />` },
      { title: 'Limit', kind: 'number', of: (row: RuleOutcome) => html`<${Limit} row=${row} />` },
      { title: 'Decided', of: decisionOf },
      {
        title: 'In words',
        of: ({ text }: RuleOutcome) => html`<span class="faint">${text}</span>`,
        isExtra: true,
      },
    ]}
  />`;
}

function Limit({ row: { limit, decided } }: { row: RuleOutcome }): VNode {
  return html`<span>${figure(limit)}${decided === 'estimate' && html` <span class="faint">for the interval</span>`}</span>`;
}

function RuleBar({ row }: { row: RuleOutcome }): VNode | null {
  const { value, low, high, limit } = row;
  if (value === null || limit === null) return null;
  const { min, max } = axisOf([value, low, high, limit]);
  return html`<${IntervalBar}
    value=${value}
    low=${low ?? null}
    high=${high ?? null}
    min=${min}
    max=${max}
    mark=${limit}
    tone=${ruleResult(row).tone === 'warn' ? 'plain' : ruleResult(row).tone}
    format=${figure}
  />`;
}
