import { html } from 'htm/preact';
import type { VNode } from 'preact';
import type { Report } from '../../../domain/reports/report.ts';
import { Card, Facts } from '../../parts/card.ts';
import { counted, duration, fixed, percent, whole } from '../../parts/format.ts';
import { Table } from '../../parts/table.ts';
import { modelTitle, type ReportTable } from '../versions/report-table.ts';

/** Cards on what was measured and how, what is served, and all that was set. */
export function Settings({ report, table }: { report: Report; table: ReportTable }): VNode {
  const { data, served, protocol, newItems, oneForAll } = report;
  return html`
    <${Card} title="Data and test">
      <${Facts}
        rows=${[
          ['Users, items', `${whole(data.users)}, ${whole(data.items)}`],
          ['Pairs', whole(data.interactions)],
          [
            'Training, validation, test',
            `${whole(data.train)}, ${whole(data.validation)}, ${whole(data.test)}`,
          ],
          [
            'Test users',
            data.testUsersInAll === undefined
              ? whole(data.testUsers)
              : `${whole(data.testUsers)} of ${whole(data.testUsersInAll)}`,
          ],
          ['Split', data.split],
          ['Hash of the data', html`<code>${data.hash.slice(0, 16)}</code>`],
          ...Object.entries(protocol).map(([name, text]) => [name, text] as const),
        ]}
      />
    <//>
    <${Card} title="What is served">
      <${Facts}
        rows=${[
          [
            'Weights',
            served.weights === 'tested' ? 'those that were tested' : 'learned from all data after the test',
          ],
          ['Why', served.reason],
          ['Time of the refit', served.seconds === undefined ? undefined : duration(served.seconds)],
          [
            'Lists of both agree',
            served.probes && `${percent(served.probes.overlap)} of ${counted(served.probes.k, 'place')}`,
          ],
          ['One student instead of several', oneForAll && `${fixed(oneForAll.sizeRatio, 1)} × smaller`],
          [
            'Items that come later',
            newItems && (newItems.recommended ? 'are recommended' : `are not: ${newItems.reason ?? ''}`),
          ],
          ['Made', new Date(report.createdAt).toLocaleString('en')],
          ['Code', report.codeVersion],
          ['Seed', String(report.seed)],
          ...Object.entries(report.seconds).map(
            ([stage, seconds]) => [`Time: ${stage}`, duration(seconds)] as const,
          ),
        ]}
      />
    <//>
    <${Seeds} table=${table} />
    <${Card} title="All settings" isWide>
      <details><summary>As JSON</summary><pre class="json" tabindex="0" aria-label="All settings">${JSON.stringify(report.settings, null, 2)}</pre></details>
    <//>
  `;
}

function Seeds({ table: { seeds, headline } }: { table: ReportTable }): VNode | null {
  const metric = headline?.metric;
  if (!seeds || metric === undefined) return null;
  type Seed = (typeof seeds)[number];
  const names = [...new Set(seeds.flatMap(({ models }) => models.map(({ name }) => name)))];
  return html`<${Card} title="Each seed" isWide>
    <${Table}
      label="Each seed"
      rows=${seeds}
      keyOf=${(row: Seed) => row.seed}
      columns=${[
        { title: 'Seed', kind: 'main', of: (row: Seed) => String(row.seed) },
        ...names.map((name) => ({
          title: modelTitle({ name }),
          kind: 'number',
          of: (row: Seed) => fixed(row.models.find((model) => model.name === name)?.metrics[metric]),
        })),
      ]}
    />
  <//>`;
}
