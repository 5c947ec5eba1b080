import { html } from 'htm/preact';
import type { VNode } from 'preact';
import type { Promotion, RuleOutcome } from '../../../domain/releases/promotion.ts';
import { axisOf, IntervalBar } from '../../parts/interval-bar.ts';
import { Badge } from '../../parts/notice.ts';
import { Table } from '../../parts/table.ts';

/** Rules that a version did not pass; `chosen` only says that another student of its request was taken. */
export const refusedBy = (promotion: Promotion | undefined): string[] =>
  (promotion?.rules ?? []).flatMap(({ passed, rule }) => (passed || rule === 'chosen' ? [] : [rule]));

const DECIDED: Record<RuleOutcome['decided'], string> = {
  interval: 'by its interval',
  estimate: 'by the estimate, as the test was too small',
  figure: 'by the figure',
  nothing: 'could not be measured',
};

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
        of: ({ passed }: RuleOutcome) =>
          html`<${Badge} tone=${passed ? 'good' : 'bad'}>${passed ? 'passed' : 'not passed'}<//>`,
      },
      { title: 'Measured', kind: 'number', of: ({ value }: RuleOutcome) => figure(value) },
      { title: 'Interval and limit', of: (row: RuleOutcome) => html`<${RuleBar} row=${row} />` },
      { title: 'Limit', kind: 'number', of: ({ limit }: RuleOutcome) => figure(limit) },
      { title: 'Decided', of: ({ decided }: RuleOutcome) => DECIDED[decided], isExtra: true },
      {
        title: 'In words',
        of: ({ text }: RuleOutcome) => html`<span class="faint">${text}</span>`,
        isExtra: true,
      },
    ]}
  />`;
}

function RuleBar({ row: { value, low, high, limit, passed } }: { row: RuleOutcome }): VNode | null {
  if (value === null || limit === null) return null;
  const { min, max } = axisOf([value, low, high, limit]);
  return html`<${IntervalBar}
    value=${value}
    low=${low ?? null}
    high=${high ?? null}
    min=${min}
    max=${max}
    mark=${limit}
    tone=${passed ? 'good' : 'bad'}
    format=${figure}
  />`;
}

/** Rules are of differences, shares, bytes or microseconds: four digits say enough of each. */
const figure = (value: number | null): string =>
  value === null ? '–' : String(Number(value.toPrecision(4)));
