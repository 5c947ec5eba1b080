import { html } from 'htm/preact';
import type { VNode } from 'preact';
import type { Job } from '../../../domain/jobs/job.ts';
import { useGet } from '../../hooks.ts';
import { Card } from '../../parts/card.ts';
import { Problem } from '../../parts/notice.ts';
import { Table } from '../../parts/table.ts';
import { shownText } from '../new-job/body.ts';
import { type SpecRow, specRows } from './spec-rows.ts';

interface Report {
  settings?: Record<string, unknown>;
}

/** The settings that were asked for beside those that were used, by the report once there is one and by the plan before. */
export function Settings({ job }: { job: Job }): VNode {
  const { model, result, plan } = job;
  const version = result && 'version' in result ? result.version : null;
  const path =
    version === null || model === null
      ? null
      : `/models/${encodeURIComponent(model)}/versions/${version}/report`;
  const report = useGet<Report>(path);
  const settings = report.data?.settings ?? plan?.settings ?? null;
  const source = report.data
    ? 'the report'
    : plan
      ? 'the plan; the report will say what validation chose'
      : 'the request';
  return html`<${Card} title="Settings: asked and used" says=${`What was used is from ${source}.`} isWide=${true}>
    <${Problem} error=${report.error} />
    <div class="spec"><${Table}
      label="Settings"
      rows=${withoutRepeats(specRows(job, settings))}
      keyOf=${({ field }: SpecRow) => field}
      columns=${[
        { title: 'Setting', of: ({ field }: SpecRow) => html`<code>${field}</code>` },
        { title: 'Asked', of: ({ asked }: SpecRow) => shown(asked, 'left open') },
        { title: 'Used', of: ({ used }: SpecRow) => shown(used, '–') },
        {
          title: 'Why',
          isExtra: true,
          of: ({ why }: SpecRow) => html`<span class="faint">${why ?? ''}</span>`,
        },
      ]}
    /></div>
  <//>`;
}

/** A reason that several settings share is said once. */
function withoutRepeats(rows: readonly SpecRow[]): SpecRow[] {
  return rows.map((row, i) =>
    row.why !== undefined && row.why === rows[i - 1]?.why ? { ...row, why: '' } : row,
  );
}

/** Longer values are folded: candidates of a teacher fill a page. */
const MOST_SIGNS = 80;

function shown(value: unknown, without: string): VNode {
  if (value === undefined) return html`<span class="faint">${without}</span>`;
  const text = shownText(value);
  if (text.length <= MOST_SIGNS) return html`<code class="value">${text}</code>`;
  return html`<details>
    <summary><code>${text.slice(0, MOST_SIGNS)}…</code></summary>
    <pre class="value">${JSON.stringify(value, null, 2)}</pre>
  </details>`;
}
